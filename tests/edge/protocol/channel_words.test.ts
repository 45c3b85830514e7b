import { assertEquals } from "@std/assert";
import {
  languageName,
  playingText,
  topicsText,
  viewersText,
} from "../../../edge/protocol/channel_words.ts";

Deno.test("an audience is told in full until that would be long", () => {
  assertEquals(viewersText(0), "nobody watching");
  assertEquals(viewersText(1_284), "1,284 watching");
  assertEquals(viewersText(12_345), "12.3K watching");
});

Deno.test("a language has its English name, and one that nobody knows its tag", () => {
  assertEquals(languageName("pt-BR"), "Brazilian Portuguese");
  assertEquals(languageName("qqq"), "qqq");
  assertEquals(languageName("?"), "?");
  assertEquals(topicsText({ genre: "Jazz", language: "de" }), "Jazz · German");
  assertEquals(topicsText({}), "");
});

Deno.test("what plays is said as its source or its programme says, while it is on air", () => {
  const now = { title: "A film" };
  assertEquals(playingText({ state: "on-air", playing: "A song" }), "Now: A song");
  assertEquals(playingText({ state: "on-air", now }), "Now: A film");
  assertEquals(playingText({ state: "off-air", playing: "A song", now }), "");
  assertEquals(playingText({ state: "on-air" }), "");
});
