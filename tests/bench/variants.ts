import type { ProxyPages } from "../support/counting_proxy.ts";

/** How viewers of one and the same stream play it. */
export interface Variant {
  readonly name: string;
  /** Of the page that does so. */
  readonly path: string;
  readonly pages: ProxyPages;
}

const PLAYLIST = "/live/demo/index.m3u8";
const ATTRIBUTES = "autoplay muted playsinline";
const PLAYER = "/bench/rival.js";

export const PLAIN: Variant = variant("plain element", "plain", plainVideo());

export const TRIBUTARY: Variant = variant(
  "tributary",
  "tributary",
  `${plainVideo()}\n<script src="/tributary.js" async></script>`,
);

/** p2p-media-loader as it comes, and set up for 6 s; `script` is the bundled `rival_page.ts`. */
export function rivals(tracker: string, script: string): readonly Variant[] {
  const page = (tuned: string) => `
<video data-playlist="${PLAYLIST}" data-tracker="${tracker}" ${tuned} ${ATTRIBUTES}></video>
<script src="${PLAYER}"></script>`;
  const pages: ProxyPages = { [PLAYER]: ["text/javascript", script] };
  return [
    variant("p2p-media-loader", "rival", page(""), pages),
    variant("p2p-media-loader, tuned", "rival-tuned", page("data-tuned"), pages),
  ];
}

function plainVideo(): string {
  return `<video src="${PLAYLIST}" ${ATTRIBUTES}></video>`;
}

function variant(name: string, file: string, body: string, more: ProxyPages = {}): Variant {
  const path = `/bench/${file}`;
  const head = `<!doctype html><title>${name}</title><link rel="icon" href="data:,">`;
  return { name, path, pages: { ...more, [path]: ["text/html", head + body] } };
}
