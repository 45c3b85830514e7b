/**
 * The script tag: `<script src="https://edge.example/tributary.js" async></script>`. All that it is
 * for comes after the first picture, so that it costs the page next to nothing before.
 */
const PICTURE_WAIT_MS = 1_500;
/** A busy page is not waited for longer, ms. */
const IDLE = { timeout: 200 };

const script = document.currentScript as HTMLScriptElement | null;
if (script) whenPictured(() => load(script));

/** Nothing here is needed for the first picture: that comes first, or a second and a half passes. */
function whenPictured(begin: () => void): void {
  let begun = false;
  const once = () => {
    if (!begun) (globalThis.requestIdleCallback ?? setTimeout)(begin, IDLE);
    begun = true;
  };
  // `loadeddata` does not bubble, but it is captured.
  document.addEventListener("loadeddata", once, true);
  setTimeout(once, PICTURE_WAIT_MS);
  for (const { readyState } of document.querySelectorAll<HTMLMediaElement>("video, audio")) {
    if (readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) once();
  }
}

async function load(script: HTMLScriptElement): Promise<void> {
  const module = new URL("sharing.js", script.src).href;
  const { share } = await import(module) as typeof import("./sharing.ts");
  share(script);
}
