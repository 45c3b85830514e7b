/**
 * The script tag: `<script src="https://edge.example/tributary.js" async></script>`. All that it is
 * for comes once the picture moves, so that it costs the page next to nothing before.
 */
const PICTURE_WAIT_MS = 1_500;
/** A busy page is not waited for longer, ms. */
const IDLE = { timeout: 200 };

const script = document.currentScript as HTMLScriptElement | null;
if (script) whenPictured(() => load(script));

/** Nothing here is needed for the start of play: that comes first, or a second and a half passes. */
function whenPictured(begin: () => void): void {
  let begun = false;
  const once = () => {
    if (!begun) (globalThis.requestIdleCallback ?? setTimeout)(begin, IDLE);
    begun = true;
  };
  const look = (element: HTMLMediaElement) => hasStarted(element) && once();
  // These do not bubble, but they are captured.
  for (const event of ["loadeddata", "timeupdate"]) {
    document.addEventListener(event, ({ target }) => look(target as HTMLMediaElement), true);
  }
  setTimeout(once, PICTURE_WAIT_MS);
  document.querySelectorAll<HTMLMediaElement>("video, audio").forEach(look);
}

/**
 * Chromium's HLS shows a frame of the oldest listed segment, plays it for an instant and waits for
 * the segments that it really begins with: whoever takes line or processor then is felt as a stall.
 */
function hasStarted({ readyState, played, paused, autoplay }: HTMLMediaElement): boolean {
  if (paused && !autoplay) return readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
  return readyState >= HTMLMediaElement.HAVE_FUTURE_DATA && played.length > 0;
}

async function load(script: HTMLScriptElement): Promise<void> {
  const module = new URL("share/sharing.js", script.src).href;
  const { share } = await import(module) as typeof import("./sharing.ts");
  share(script);
}
