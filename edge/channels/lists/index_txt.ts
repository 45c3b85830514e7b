import { html } from "hono/html";
import type { Container } from "../../media/container.ts";
import type { ChannelEntry } from "../channel_entry.ts";

/**
 * A channel id of zeros is what browsers of PeerCast channels show without offering to relay it:
 * they would ask for it by PeerCast's own protocol, which nobody here speaks.
 */
const NO_PEERCAST_ID = "0".repeat(32);
/** UTF-8 bytes after escaping. PeerCast YT reads no more than 1,023 of a line. */
const LONGEST = { title: 240, genre: 80, description: 320 } as const;

const CONTAINERS: Record<Container, string> = {
  fmp4: "MP4",
  ts: "TS",
  aac: "AAC",
  mp3: "MP3",
  ogg: "OGG",
  webm: "WEBM",
};

const encoder = new TextEncoder();

/**
 * `index.txt` as YP4G made it common among PeerCast's yellow pages: a line for each channel, 19
 * fields with `<>` between them, escaped as in HTML. The contact address leads to the watch page.
 * `site` is the edge's address, such as `https://edge.example`.
 */
export function writeIndexTxt(
  channels: readonly ChannelEntry[],
  site: string,
  nowMs: number,
): string {
  return channels.map((channel) => `${fields(channel, site, nowMs).join("<>")}\n`).join("");
}

function fields(channel: ChannelEntry, site: string, nowMs: number): readonly (string | number)[] {
  const { title, genre = "", description = "", viewers, bitrate = 0, renditions } = channel;
  const container = renditions[0]?.container;
  return [
    escaped(title, LONGEST.title),
    NO_PEERCAST_ID,
    "", // address of its tracker
    site + channel.watch,
    escaped(genre, LONGEST.genre),
    escaped(description.replaceAll("\n", " "), LONGEST.description),
    viewers,
    0, // relays: of PeerCast's
    Math.round(bitrate / 1_000),
    container === undefined ? "RAW" : CONTAINERS[container],
    ...["", "", "", ""], // artist, album, title and contact of the track
    "", // name for pages about chat and statistics, which there are none of
    hoursAndMinutes(channel.sinceMs === undefined ? 0 : nowMs - channel.sinceMs),
    "click",
    "", // comment
    0, // whether the tracker takes listeners itself
  ];
}

/** As much of the text as has room. */
function escaped(text: string, maxBytes: number): string {
  let out = "";
  let bytes = 0;
  for (const character of text) {
    const next = String(html`${character}`);
    bytes += encoder.encode(next).length;
    if (bytes > maxBytes) break;
    out += next;
  }
  return out;
}

/** `H:MM` */
function hoursAndMinutes(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}
