import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import type { MediaPlaylist } from "../../../edge/media/playlist.ts";
import { readPlaylist } from "../../../edge/media/playlist_read.ts";
import type { ChannelDescription, Rendition } from "../../../edge/protocol/channel.ts";
import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { createLedger } from "../../../web/player/ledger.ts";
import { createPlaylists } from "../../../web/player/playlists.ts";
import { entryOf } from "../ledger_entries.ts";

const BASE = "https://edge.example/live/demo/";

const rendition = (id: number): ChannelDescription["renditions"][number] => ({
  id,
  kind: "main",
  playlist: `r${id}.m3u8`,
  container: "fmp4",
  attributes: `BANDWIDTH=${1000 + id}`,
  inits: [{ epoch: 1, uri: `r${id}/init-1.mp4` }, { epoch: 3, uri: `r${id}/init-3.mp4` }],
});

const channel: ChannelDescription = {
  name: "demo",
  title: "Demo",
  base: "/live/demo/",
  targetDurationMs: 2_000,
  master: false,
  renditions: [rendition(0)],
};

/** The channel after this discontinuity. */
const broken = (lastDiscontinuity: Rendition["lastDiscontinuity"]): ChannelDescription => ({
  ...channel,
  renditions: [{ ...rendition(0), lastDiscontinuity }],
});

function page(isPlayable: (entry: LedgerEntry) => boolean = () => true) {
  const ledger = createLedger();
  const playlists = createPlaylists({ base: BASE, ledger, isPlayable });
  return {
    add(...sequences: number[]) {
      for (const sequence of sequences) ledger.add(entryOf(sequence));
    },
    ledger,
    demanded: playlists.demanded,
    write: (path = "index.m3u8", of = channel) => playlists.write(of, path)?.text,
    newest: (path = "index.m3u8", of = channel) => playlists.write(of, path)?.newest,
    read(path = "index.m3u8", of = channel): MediaPlaylist {
      const playlist = readPlaylist(playlists.write(of, path)?.text ?? "");
      if (playlist.type !== "media") throw new Error(playlist.type);
      return playlist;
    },
    listed(path = "index.m3u8", of = channel): number[] {
      return this.read(path, of).segments.map((segment) => segment.sequence);
    },
  };
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

Deno.test("the first playlist lists the newest three segments", () => {
  const watching = page();
  watching.add(...range(1, 40));
  assertEquals(watching.listed(), [38, 39, 40]);
});

Deno.test("a playlist grows to fifteen segments, and then slides", () => {
  const watching = page();
  watching.add(...range(1, 40));
  watching.listed();
  watching.add(...range(41, 52));
  assertEquals(watching.listed(), range(38, 52));
  watching.add(53);
  assertEquals(watching.listed(), range(39, 53));
});

Deno.test("the segment that the element is at stays listed, and the one before it", () => {
  const watching = page();
  watching.add(...range(1, 10));
  watching.listed();
  watching.demanded(entryOf(10));
  watching.add(...range(11, 40));
  assertEquals(watching.listed(), range(9, 40));
  watching.demanded(entryOf(11));
  assertEquals(watching.listed(), range(10, 40));
});

Deno.test("an element that seeks back brings no number back", () => {
  const watching = page();
  watching.add(...range(1, 40));
  assertEquals(watching.listed(), [38, 39, 40]);
  watching.demanded(entryOf(20));
  assertEquals(watching.listed(), [38, 39, 40]);
});

Deno.test("neither sequence nor discontinuity numbers go back, whatever comes and is asked for", () => {
  const step = fc.record({
    skip: fc.integer({ min: 1, max: 3 }),
    discontinuity: fc.boolean(),
    lag: fc.option(fc.integer({ min: 0, max: 30 })),
    reads: fc.boolean(),
  });
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
    const { ledger, read, demanded } = page();
    let sequence = 0;
    let before: MediaPlaylist | undefined;
    let last: Rendition["lastDiscontinuity"];
    for (const { skip, discontinuity, lag, reads } of steps) {
      sequence += skip === 3 ? 2 : 1;
      ledger.add(entryOf(sequence, { discontinuity }));
      if (discontinuity) last = { sequence, before: last ? last.before + 1 : 0 };
      if (lag !== null) demanded(entryOf(Math.max(1, sequence - lag)));
      if (!reads) continue;
      const now = read("index.m3u8", broken(last));
      assertEquals(now.segments.at(-1)!.sequence, sequence);
      if (before) {
        assert(now.mediaSequence >= before.mediaSequence);
        assert(now.discontinuitySequence >= before.discontinuitySequence);
      }
      before = now;
    }
  }));
});

Deno.test("every URI is absolute, as a blob's playlist resolves none", () => {
  const { add, write } = page();
  add(1, 2, 3);
  const lines = write()!.trimEnd().split("\n");
  assertEquals(lines.filter((line) => !line.startsWith("#")), [
    `${BASE}r0/1.m4s`,
    `${BASE}r0/2.m4s`,
    `${BASE}r0/3.m4s`,
  ]);
  assert(lines.includes(`#EXT-X-MAP:URI="${BASE}r0/init-1.mp4"`));
});

Deno.test("each segment has the init segment of its epoch", () => {
  const { ledger, read } = page();
  ledger.add(entryOf(7, { epoch: 2 }));
  ledger.add(entryOf(8, { epoch: 3, discontinuity: true }));
  ledger.add(entryOf(9, { epoch: 4 }));
  assertEquals(read().segments.map(({ init }) => init?.uri), [
    `${BASE}r0/init-1.mp4`,
    `${BASE}r0/init-3.mp4`,
    `${BASE}r0/init-3.mp4`,
  ]);
});

Deno.test("a rendition without init segments names none", () => {
  const { add, write } = page();
  add(1);
  const bare = { ...channel, renditions: [{ ...rendition(0), inits: [] }] };
  assert(!write("index.m3u8", bare)!.includes("EXT-X-MAP"));
});

Deno.test("a discontinuity is listed, and counted once it has left the list", () => {
  const watching = page();
  const { ledger } = watching;
  const read = () => watching.read("index.m3u8", broken({ sequence: 2, before: 7 }));
  for (const sequence of [1, 2, 3]) {
    ledger.add(entryOf(sequence, { discontinuity: sequence === 2 }));
  }
  assertEquals(read().segments.map(({ discontinuity }) => discontinuity), [false, true, false]);
  assertEquals(read().discontinuitySequence, 7);
  for (const sequence of range(4, 16)) ledger.add(entryOf(sequence));
  assertEquals(read().segments[0]!.discontinuity, true);
  assertEquals(read().discontinuitySequence, 7);
  ledger.add(entryOf(17));
  assertEquals(read().discontinuitySequence, 8);
  assertEquals(read().discontinuitySequence, 8, "it is counted once");
});

Deno.test("discontinuities after what is listed are known, and not counted before it", () => {
  const watching = page(({ unit }) => unit.sequence <= 3);
  for (const sequence of range(1, 8)) {
    watching.ledger.add(entryOf(sequence, { discontinuity: sequence % 2 === 0 }));
  }
  const of = broken({ sequence: 8, before: 13 });
  assertEquals(watching.listed("index.m3u8", of), [1, 2, 3]);
  assertEquals(watching.read("index.m3u8", of).discontinuitySequence, 10);
});

Deno.test("what only an absent edge has is not listed", () => {
  let absent = false;
  const held = new Set([37, 38, 39]);
  const watching = page(({ unit }) => !absent || held.has(unit.sequence));
  watching.add(...range(30, 40));
  absent = true;
  assertEquals(watching.listed(), [37, 38, 39]);
  held.add(40);
  assertEquals(watching.listed(), range(37, 40));
});

Deno.test("a hole before the last playable segment stays listed: partners may yet have it", () => {
  const watching = page(({ unit }) => unit.sequence === 38 || unit.sequence === 40);
  watching.add(...range(30, 41));
  assertEquals(watching.listed(), [38, 39, 40]);
});

Deno.test("a playlist says which segment is its newest, and a master that it has none", () => {
  const { add, newest } = page();
  add(1, 2, 3);
  assertEquals(newest(), "r0/3.m4s");
  assertEquals(newest("index.m3u8", { ...channel, master: true }), undefined);
});

Deno.test("there is no playlist while nothing is playable", () => {
  const { add, write } = page(() => false);
  assertEquals(write(), undefined);
  add(1, 2, 3);
  assertEquals(write(), undefined);
});

Deno.test("an unknown path has no playlist", () => {
  const { add, write } = page();
  add(1, 2, 3);
  assertEquals(write("r7.m3u8"), undefined);
});

Deno.test("each rendition has its own list, and the master names them all absolutely", () => {
  const many = { ...channel, master: true, renditions: [rendition(0), rendition(1)] };
  const watching = page();
  const { ledger, demanded, write } = watching;
  for (const sequence of range(1, 10)) ledger.add(entryOf(sequence));
  for (const sequence of range(101, 105)) ledger.add(entryOf(sequence, { rendition: 1 }));
  assertEquals(watching.listed("r0.m3u8", many), [8, 9, 10]);
  assertEquals(watching.listed("r1.m3u8", many), [103, 104, 105]);
  demanded(entryOf(10));
  for (const sequence of range(11, 40)) ledger.add(entryOf(sequence));
  demanded(entryOf(130, { rendition: 1 }));
  assertEquals(watching.listed("r0.m3u8", many), range(9, 40));
  for (const sequence of range(106, 130)) ledger.add(entryOf(sequence, { rendition: 1 }));
  assertEquals(watching.listed("r1.m3u8", many), range(116, 130));
  const master = write("index.m3u8", many)!;
  assertStringIncludes(master, `#EXT-X-STREAM-INF:BANDWIDTH=1000\n${BASE}r0.m3u8\n`);
  assertStringIncludes(master, `#EXT-X-STREAM-INF:BANDWIDTH=1001\n${BASE}r1.m3u8\n`);
});
