/** A picture this old is taken anew, ms: a list that stays open shows what is on now. */
const STALE_MS = 60_000;

/** When each card's picture was asked for, ms since 1970. */
const askedMs = new WeakMap<Element, number>();

/**
 * Shows over the card's own picture one from the stream itself, which is a film of one frame at
 * `url`; without one, and until it can be shown, the card's own stays.
 */
export function showStill(picture: Element, url: string | undefined, nowMs: number): void {
  const shown = picture.querySelector("video");
  if (url === undefined) return shown?.remove();
  if (nowMs - (askedMs.get(picture) ?? 0) < STALE_MS) return;
  askedMs.set(picture, nowMs);
  const video = document.createElement("video");
  video.muted = true;
  video.preload = "auto";
  video.playsInline = true;
  video.disablePictureInPicture = true;
  video.tabIndex = -1;
  video.ariaHidden = "true";
  video.addEventListener("loadeddata", () => {
    picture.querySelector("video")?.remove();
    picture.querySelector("img")!.after(video);
  });
  video.src = url;
}
