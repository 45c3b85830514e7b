/** A film that lies in segments, in an element whose browser cannot read its list: a lazy part. */
import { PLAYLIST_TYPE } from "../../edge/media/media_types.ts";
import { openLinkMeter } from "./link_meter.ts";

/**
 * Resolves when the element has, in place of a list that it cannot read, the one file that the edge makes of what
 * is listed, in the quality that there is throughput for. Where the edge cannot, the element keeps what
 * it has.
 */
export async function playListed(element: HTMLMediaElement, edge: string): Promise<void> {
  const { currentSrc, src, paused } = element;
  const { origin, pathname, hash } = new URL(currentSrc || src);
  const list = origin + pathname;
  if (list.endsWith(".m3u8") && element.canPlayType(PLAYLIST_TYPE)) return;
  const link = openLinkMeter(edge);
  const bandwidth = link.measured() ?? link.hint();
  const query = bandwidth ? `?bandwidth=${bandwidth}` : "";
  const { ok, url } = await fetch(`${list}.mp4${query}`, { method: "HEAD", credentials: "omit" });
  if (!ok) return;
  // What it plays is told a little later than it was given.
  const taken = new Promise((resolve) =>
    element.addEventListener("loadstart", resolve, { once: true })
  );
  element.src = url.split("?")[0]! + hash;
  // Somebody has pressed play already.
  if (!paused) element.play().catch(() => {});
  await taken;
}
