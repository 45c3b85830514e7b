import { assertEquals } from "@std/assert";
import { readPlaylist } from "../../../edge/media/playlist_read.ts";
import type { MediaPlaylist } from "../../../edge/media/playlist.ts";
import { createListing, type Listing } from "../../../web/studio/listing.ts";
import { INIT, segment } from "./segments.ts";

const read = (listing: Listing, end?: "ended") => readPlaylist(listing.text(end)) as MediaPlaylist;

Deno.test("before there is a segment the playlist is a playlist", () => {
  const { segments, targetDurationMs, endList } = read(createListing());
  assertEquals({ segments, targetDurationMs, endList }, {
    segments: [],
    targetDurationMs: 2_000,
    endList: false,
  });
});

Deno.test("the last three that arrived are listed, without holes in their numbers", () => {
  const listing = createListing();
  for (const at of [0, 1, 5, 6]) listing.add(segment(at));
  const { segments } = read(listing);
  assertEquals(
    segments.map(({ sequence, uri, programDateTimeMs, init }) => ({
      sequence,
      uri,
      programDateTimeMs,
      init: init?.uri,
    })),
    [
      { sequence: 1, uri: "1.m4s", programDateTimeMs: 2_000, init: "init-0.mp4" },
      { sequence: 2, uri: "2.m4s", programDateTimeMs: 10_000, init: "init-0.mp4" },
      { sequence: 3, uri: "3.m4s", programDateTimeMs: 12_000, init: "init-0.mp4" },
    ],
  );
  assertEquals(listing.next(), "4.m4s");
});

Deno.test("breaks are listed, and counted when they are not listed any more", () => {
  const listing = createListing();
  const other = { name: "init-1.mp4", bytes: Uint8Array.of(1) };
  listing.add(segment(0));
  listing.add(segment(1, { discontinuity: true, init: other }));
  for (const at of [2, 3]) listing.add(segment(at, { init: other }));
  assertEquals(read(listing).segments.map((one) => one.discontinuity), [true, false, false]);
  assertEquals(read(listing).discontinuitySequence, 0);
  listing.add(segment(4, { init: other, discontinuity: true }));
  assertEquals(read(listing).discontinuitySequence, 1);
  for (const at of [5, 6, 7]) listing.add(segment(at, { init: other }));
  assertEquals(read(listing).discontinuitySequence, 2);
});

Deno.test("the target duration is that of the longest segment so far", () => {
  const listing = createListing();
  listing.add(segment(0, { durationMs: 3_300 }));
  for (const at of [1, 2, 3]) listing.add(segment(at));
  assertEquals(read(listing).targetDurationMs, 4_000);
});

Deno.test("an edge that lost everything is told which files it needs with an init segment", () => {
  const listing = createListing();
  listing.add(segment(0));
  listing.add(segment(1, { init: { name: "init-1.mp4", bytes: Uint8Array.of(1) } }));
  assertEquals(listing.files(INIT), [{ name: "0.m4s", bytes: Uint8Array.of(0) }]);
});

Deno.test("at the end it says so", () => {
  const listing = createListing();
  listing.add(segment(0));
  assertEquals(read(listing, "ended").endList, true);
});
