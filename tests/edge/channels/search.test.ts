import { assertEquals, assertThrows } from "@std/assert";
import { findChannels, readQuery } from "../../../edge/channels/search.ts";
import { CodedError } from "../../../edge/media/coded_error.ts";
import { entry } from "./entries.ts";

const CHANNELS = [
  entry({ name: "cafe", title: "Café Müller", genre: "Jazz", language: "de-AT" }),
  entry({ name: "news", title: "Noticias", description: "All day,\nevery day", language: "pt-BR" }),
  entry({ name: "x1", title: "ＷＩＤＥ", genre: "jazz", viewers: 3 }),
];

const found = (query: Parameters<typeof findChannels>[1]) =>
  findChannels(CHANNELS, query).map(({ name }) => name);

Deno.test("what is looked for is found in every word of a channel, whatever its case and accents", () => {
  assertEquals(found({ q: "cafe" }), ["cafe"]);
  assertEquals(found({ q: "MULLER café" }), ["cafe"]);
  assertEquals(found({ q: "wide" }), ["x1"]);
  assertEquals(found({ q: "every" }), ["news"]);
  assertEquals(found({ q: "portuguese" }), ["news"]);
  assertEquals(found({ q: "jazz austrian" }), ["cafe"]);
  assertEquals(found({ q: "x1" }), ["x1"]);
  assertEquals(found({ q: "jazz portuguese" }), []);
  assertEquals(found({}).length, 3);
});

Deno.test("genre and language narrow it down, a language with all its kinds", () => {
  assertEquals(found({ genre: "JAZZ" }), ["x1", "cafe"]);
  assertEquals(found({ genre: "jaz" }), []);
  assertEquals(found({ language: "de" }), ["cafe"]);
  assertEquals(found({ language: "d" }), []);
  assertEquals(found({ language: "pt-br", q: "day" }), ["news"]);
});

Deno.test("channels on air come first, then the larger audience, then the alphabet", () => {
  const names = findChannels([
    entry({ name: "quiet", title: "A", state: "idle", viewers: 90 }),
    entry({ name: "beta", title: "Beta", viewers: 3 }),
    entry({ name: "alpha", title: "Alpha", viewers: 3 }),
    entry({ name: "big", title: "Zed", viewers: 40 }),
  ], {}).map(({ name }) => name);
  assertEquals(names, ["big", "alpha", "beta", "quiet"]);
});

Deno.test("a query is read without its blanks, and refused when it is a novel", () => {
  assertEquals(readQuery(new URLSearchParams("q=+a+b+&genre=&language=de&page=2")), {
    q: "a b",
    language: "de",
  });
  const long = new URLSearchParams({ q: "x".repeat(201) });
  assertEquals(assertThrows(() => readQuery(long), CodedError).code, "query-too-long");
});
