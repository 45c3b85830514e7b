import { assertEquals, assertThrows } from "@std/assert";
import * as v from "valibot";
import { ChannelSummary, detailText, factsText } from "../../../web/site/channels.ts";

const NOW = 1_800_000_000_000;
const channel = (part: Partial<ChannelSummary>): ChannelSummary => ({
  name: "demo",
  title: "Demo",
  state: "on-air",
  viewers: 0,
  watch: "/watch/demo",
  media: "/live/demo/index.m3u8",
  ingest: false,
  ...part,
});

Deno.test("how long is told only of what is on air", () => {
  const sinceMs = NOW - 3 * 3_600_000;
  assertEquals(
    factsText(channel({ viewers: 1284, sinceMs }), NOW),
    "1,284 watching · on air for 3 hours",
  );
  assertEquals(factsText(channel({ state: "starting", sinceMs }), NOW), "nobody watching");
  assertEquals(factsText(channel({ state: "off-air", sinceMs }), NOW), "", "goes without saying");
});

Deno.test("a clock ahead of the edge's makes no negative time", () => {
  assertEquals(
    factsText(channel({ viewers: 1, sinceMs: NOW + 9_000 }), NOW),
    "1 watching · on air for less than a minute",
  );
});

Deno.test("viewers are told what to expect, and the edge's own words follow", () => {
  const detail = "upstream.test answered 503.";
  const expected =
    "The source is away; the edge keeps trying, and the picture comes back by itself.";
  const told = (part: Partial<ChannelSummary>) => detailText(channel(part));
  assertEquals(told({ state: "upstream-down", detail }), `${expected} ${detail}`);
  assertEquals(told({ state: "upstream-down" }), expected);
  assertEquals(told({ state: "upstream-down", detail, ingest: true }), detail);
  assertEquals(told({ state: "on-air", detail }), `A part of the source is away: ${detail}`);
  assertEquals(told({ state: "off-air", detail }), detail);
  assertEquals(detailText(channel({})), "");
});

Deno.test("an answer that is no channel is refused", () => {
  const told = { ...channel({ viewers: 1 }), renditions: [] };
  assertEquals(v.parse(ChannelSummary, told).viewers, 1);
  assertThrows(() => v.parse(ChannelSummary, { ...told, name: "../up" }));
  assertThrows(() => v.parse(ChannelSummary, { ...told, media: "https://elsewhere.example/" }));
  assertThrows(() => v.parse(ChannelSummary, { ...told, state: "asleep" }));
  assertThrows(() => v.parse(ChannelSummary, { ...told, viewers: "many" }));
});
