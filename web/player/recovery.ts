/**
 * After a reload the next one comes no sooner than this, ms, and each time after twice as long, up to
 * half a minute. Chromium's own HLS gives up on a channel that has just gone on air: it wants a newer
 * segment than all that it has, and a few seconds later there is one.
 */
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;
const MOST_LOADS = 5;
/** `HTMLMediaElement.HAVE_FUTURE_DATA`: the element plays, or would if it were not paused. */
const HAVE_FUTURE_DATA = 3;

/**
 * Brings an element back that gave up with an error, as while the edge was away: by `load()`, once the
 * edge is there. One that five loads do not bring to play has another trouble, and is left alone.
 */
export function createRecovery(element: HTMLMediaElement): {
  /** To be called every second. */
  tick(online: boolean, nowMs: number): void;
} {
  let reloadedMs = -Infinity;
  let loads = 0;
  let played = true;
  return {
    tick(online, nowMs) {
      const sinceMs = nowMs - reloadedMs;
      if (!element.error) {
        played ||= element.readyState >= HAVE_FUTURE_DATA;
        if (played && sinceMs >= LONGEST_WAIT_MS) loads = 0;
        return;
      }
      if (!online || (loads >= MOST_LOADS && !played)) return;
      const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (loads - 1));
      if (loads > 0 && sinceMs < waitMs) return;
      loads++;
      played = false;
      reloadedMs = nowMs;
      const { paused } = element;
      element.load();
      // Autoplay may be forbidden; then the viewer presses play, as after any load.
      if (!paused) element.play().catch(() => {});
    },
  };
}
