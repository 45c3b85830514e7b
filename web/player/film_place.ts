/** Where the films of this site were left by who watches them, until they have been watched to the end. */

const KEY = "tributary:places";
/** The films that are remembered: those that were watched last. */
const MOST = 100;
/** A film that was left so close to its beginning or end begins anew, s. */
const EDGE_SECONDS = 5;

/** What of an element tells where it is. */
export type PlacedElement = Pick<
  HTMLMediaElement,
  "currentTime" | "currentSrc" | "src" | "duration" | "loop" | "played" | "seeking"
>;

/**
 * Brings the element to where the film was left, and answers where that is, s; 0 where it begins at
 * the beginning. Somebody else's start is left alone: `#t=` (Media Fragments), or a seek.
 */
export function resumePlace(url: string, element: PlacedElement): number {
  const seconds = Number(readPlaces().get(url));
  const { played, currentTime, currentSrc, src, loop } = element;
  const moved = played.length > 0
    ? played.start(0) > 0 || currentTime > EDGE_SECONDS
    : currentTime > 0;
  const chosen = element.seeking || moved || /#(.*&)?t=/.test(currentSrc || src);
  if (loop || chosen || !(seconds > 0)) return 0;
  return element.currentTime = seconds;
}

/** Remembers where the element is; forgets it at the end. One that has not played says nothing. */
export function notePlace(url: string, { played, currentTime, duration }: PlacedElement): void {
  if (played.length === 0) return;
  const places = readPlaces();
  places.delete(url);
  const half = currentTime > EDGE_SECONDS && currentTime < duration - EDGE_SECONDS;
  if (half) places.set(url, currentTime);
  const last = [...places].slice(-MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(last)));
  } catch {
    // No storage (private mode, blocked): films begin at their beginning.
  }
}

/** By URL, s; the last one last. */
function readPlaces(): Map<string, unknown> {
  try {
    return new Map(Object.entries(JSON.parse(localStorage.getItem(KEY)!) ?? {}));
  } catch {
    return new Map();
  }
}
