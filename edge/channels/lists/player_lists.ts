/** Lists that players open: M3U, PLS and XSPF. Each takes the edge's address, such as `https://edge.example`. */
import type { ChannelEntry } from "../channel_entry.ts";
import { xml, xmlDocument } from "./xml.ts";

/** Extended M3U as VLC, mpv and Kodi read it: one line about each channel, one with its address. */
export function writeM3u(channels: readonly ChannelEntry[], site: string): string {
  const lines = channels.flatMap(({ title, genre, media }) => [
    `#EXTINF:-1,${title}`,
    ...(genre === undefined ? [] : [`#EXTGRP:${genre}`]),
    site + media,
  ]);
  return ["#EXTM3U", ...lines].join("\n") + "\n";
}

/** Version 2 of the format that came with SHOUTcast. */
export function writePls(channels: readonly ChannelEntry[], site: string): string {
  const lines = channels.flatMap(({ title, media }, at) => [
    `File${at + 1}=${site}${media}`,
    `Title${at + 1}=${title}`,
    `Length${at + 1}=-1`,
  ]);
  return ["[playlist]", `NumberOfEntries=${channels.length}`, ...lines, "Version=2"].join("\n") +
    "\n";
}

/** XSPF version 1, https://xspf.org/spec. */
export function writeXspf(channels: readonly ChannelEntry[], site: string): string {
  const tracks = channels.map(({ title, description, media, watch, poster }) =>
    xml`
      <track>
        <location>${site + media}</location>
        <title>${title}</title>
        ${description === undefined ? "" : xml`<annotation>${description}</annotation>`}
        <info>${site + watch}</info>
        <image>${site + poster}</image>
      </track>
    `
  );
  return xmlDocument(xml`
    <playlist version="1" xmlns="http://xspf.org/ns/0/">
      <title>Tributary</title>
      <info>${site}/</info>
      <trackList>${tracks}
      </trackList>
    </playlist>
  `);
}
