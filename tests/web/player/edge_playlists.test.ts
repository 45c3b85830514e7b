/** What a page writes from its ledger against what the edge serves, over an upstream that breaks. */
import { assert, assertEquals } from "@std/assert";
import type { MediaPlaylist } from "../../../edge/media/playlist.ts";
import { createLedger } from "../../../web/player/ledger.ts";
import { createPlaylists } from "../../../web/player/playlists.ts";
import { readMedia } from "../../edge/media/reading.ts";
import { pulling } from "../../edge/origin/pulling.ts";
import { numbered } from "../../edge/origin/scripted_upstream.ts";

type Channel = ReturnType<typeof pulling>;

/** The upstream's segments; the timeline breaks before every fifth. */
const SEGMENTS = numbered(0, 60).map((one, at) =>
  at % 5 === 4 ? { ...one, tags: ["#EXT-X-DISCONTINUITY"] } : one
);

/** Lets the upstream bring its segments up to `last`, three more at a time. */
async function play(channel: Channel, from: number, last: number): Promise<void> {
  for (let newest = from; newest <= last; newest += 3) {
    const first = Math.max(0, newest - 8);
    channel.upstream.playlist("/live.m3u8", first, SEGMENTS.slice(first, newest + 1));
    await channel.advanceUntil(() => channel.sequences().at(-1) === newest);
  }
}

/** A page that got the newest `backlog` entries with its join, and all that came after them. */
function joined(channel: Channel, backlog: number) {
  const base = "http://edge.test/live/news/";
  const ledger = createLedger();
  const playlists = createPlaylists({ base, ledger, isPlayable: () => true });
  let heard = Math.max(0, channel.log.entries().length - backlog);
  return (): MediaPlaylist => {
    for (const entry of channel.log.entries().slice(heard)) {
      ledger.add(entry);
      heard++;
    }
    return readMedia(playlists.write(channel.log.descriptions().at(-1)!, "index.m3u8")!.text);
  };
}

/** The discontinuities in the channel's life up to each listed segment, by its number. */
function counted({ segments, discontinuitySequence }: MediaPlaylist): Map<number, number> {
  let count = discontinuitySequence;
  return new Map(segments.map((one) => [one.sequence, count += one.discontinuity ? 1 : 0]));
}

/** Both number all that both list alike, and that is something. */
function assertAgree(a: MediaPlaylist, b: MediaPlaylist): void {
  const [here, there] = [counted(a), counted(b)];
  const both = [...here.keys()].filter((sequence) => there.has(sequence));
  assert(both.length >= 3);
  for (const sequence of both) assertEquals(here.get(sequence), there.get(sequence));
}

Deno.test("pages and edge count discontinuities alike: early and late joins, a restart of the edge", async () => {
  const channel = pulling();
  channel.watch();
  await play(channel, 2, 11);
  const early = joined(channel, Infinity);
  early();
  await play(channel, 14, 38);
  const late = joined(channel, 4);
  const edge = await channel.media("index.m3u8");
  assertEquals(edge.discontinuitySequence, 6, "six have left its playlist");
  assert(early().mediaSequence < edge.mediaSequence && edge.mediaSequence < late().mediaSequence);
  for (const page of [early, late]) assertAgree(page(), edge);
  await channel.origin.stop();

  const restarted = pulling({ stored: structuredClone(channel.platform.stored) });
  restarted.watch();
  await play(restarted, 41, 56);
  const after = await restarted.media("index.m3u8");
  assertEquals(after.discontinuitySequence, Math.floor(after.mediaSequence / 5));
  assertAgree(joined(restarted, 5)(), after);
  await restarted.origin.stop();
});
