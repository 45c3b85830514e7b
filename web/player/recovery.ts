/** No two reloads of an element are closer than this, ms: one that does not help must not become a loop. */
const RELOAD_INTERVAL_MS = 30_000;
/** `HTMLMediaElement.HAVE_FUTURE_DATA`: the element plays, or would if it were not paused. */
const HAVE_FUTURE_DATA = 3;

/**
 * Brings an element back that gave up with an error while the edge was away: one `load()`, once the
 * edge is there, and no second one before it has played again.
 */
export function createRecovery(element: HTMLMediaElement): {
  /** To be called every second. */
  tick(online: boolean, nowMs: number): void;
} {
  let reloadedMs = -Infinity;
  let sound = true;
  return {
    tick(online, nowMs) {
      if (!element.error) {
        sound ||= element.readyState >= HAVE_FUTURE_DATA;
        return;
      }
      if (!sound || !online || nowMs - reloadedMs < RELOAD_INTERVAL_MS) return;
      sound = false;
      reloadedMs = nowMs;
      element.load();
      // Autoplay may be forbidden; then the viewer presses play, as after any load.
      element.play().catch(() => {});
    },
  };
}
