/** An element that has played for this long since its last reload may be reloaded again, ms. */
const SOUND_AFTER_MS = 30_000;

/**
 * Brings an element back that gave up with an error while the edge was away: one `load()`, once the
 * edge is there, and no second one before it has played again.
 */
export function createRecovery(element: HTMLMediaElement): {
  /** To be called every second. */
  tick(online: boolean, nowMs: number): void;
} {
  let reloadedMs = -Infinity;
  return {
    tick(online, nowMs) {
      if (!element.error || !online || nowMs - reloadedMs < SOUND_AFTER_MS) return;
      reloadedMs = nowMs;
      element.load();
      // Autoplay may be forbidden; then the viewer presses play, as after any load.
      element.play().catch(() => {});
    },
  };
}
