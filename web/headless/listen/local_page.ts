import { html } from "hono/html";
import { isForHls } from "../../../edge/media/media_types.ts";
import type { ChannelDescription } from "../../../edge/protocol/channel.ts";
import type { LocalMedia } from "./local_media.ts";

/** Paths that a player can open, the best one first. */
export function playablePaths({ name, master, renditions }: ChannelDescription): string[] {
  const stream = `/stream/${name}`;
  const playlist = `/live/${name}/index.m3u8`;
  if (renditions.some(({ kind }) => kind === "audio")) return [playlist];
  if (renditions.some(({ container }) => !isForHls(container))) return [stream];
  return master ? [playlist, stream] : [stream, playlist];
}

/** What there is to play here, for people. */
export function renderLocalPage(media: LocalMedia, channel: string, origin: string) {
  const { description } = media.session.view();
  const title = description?.title ?? channel;
  const { partners } = media.session.totals();
  const paths = description ? playablePaths(description) : [];
  const lines = paths.map((path) => {
    const url = origin + path;
    return html`<li><a href="${path}"><code>${url}</code></a></li>`;
  });
  const what = lines.length > 0
    ? html`
      <p>Open one of these in VLC, mpv, ffplay or any other player:</p>
      <ul>${lines}</ul>
    `
    : html`<p>Nothing has come yet. Load this page again in a moment.</p>`;
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>:root { color-scheme: light dark; font: 1rem/1.5 system-ui } body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem }</style>
<h1>${title}</h1>
${what}
<p>It comes from ${partners} ${
    partners === 1 ? "partner" : "partners"
  } and the edge, and goes on to others.</p>
</html>`;
}
