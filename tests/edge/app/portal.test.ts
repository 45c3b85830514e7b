/** The portal as the edge writes it: what people without scripts see, and others at first. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import fc from "fast-check";
import type { SourceWords } from "../../../edge/origin/channel_origin.ts";
import { BUILT, fakeChannel, openEdge } from "./fixtures.ts";

const assets = {
  ...BUILT,
  "site/portal.html": await Deno.readFile(
    fromFileUrl(new URL("../../../web/site/portal.html", import.meta.url)),
  ),
};

function described(name: string, words: SourceWords) {
  return Object.assign(fakeChannel(name), { words });
}

const CHANNELS = [
  described("cam", { title: "Harbour", genre: "Nature", language: "en", description: "Ships." }),
  described("cellar", { title: "Kellerjazz", genre: "Jazz", language: "de" }),
  described("night", { title: "Night train", genre: "jazz", language: "en" }),
];

async function portal(search: string, channels = CHANNELS): Promise<string> {
  const { app } = openEdge(channels, { assets });
  const response = await app.request(`/${search}`);
  assertEquals(response.status, 200);
  return await response.text();
}

const shown = (page: string) =>
  [...page.matchAll(/<li class="channel" data-channel="([^"]+)"/g)].map(([, name]) => name);
const absent = (page: string, id: string) =>
  new RegExp(`<div class="notice absent" id="${id}">`).test(page);

Deno.test("the list is there without a script, with all that one wants to know of a channel", async () => {
  const page = await portal("");
  assertEquals(shown(page), ["cam", "cellar", "night"]);
  for (
    const text of [
      'href="/watch/cam"',
      'src="/live/cam/poster"',
      'data-state="on-air">Live<',
      ">Harbour<",
      ">nobody watching<",
      ">Nature · English<",
      ">Ships.<",
      ">3 of 3 live<",
    ]
  ) assertStringIncludes(page, text);
  assert(absent(page, "none") && absent(page, "nothing"));
});

Deno.test("the form finds channels without a script, and keeps what was looked for", async () => {
  const page = await portal("?q=JAZZ&language=de");
  assertEquals(shown(page), ["cellar"]);
  assertStringIncludes(page, 'value="JAZZ"');
  assertStringIncludes(page, '<input type="hidden" name="language" value="de">');
  const nothing = await portal("?q=opera");
  assertEquals(shown(nothing), []);
  assert(!absent(nothing, "nothing") && absent(nothing, "none"));
  assertEquals(shown(await portal(`?q=${"x".repeat(5_000)}`)), [], "a novel finds nothing");
});

Deno.test("each genre and language that there is is a link, that narrows the list down or widens it again", async () => {
  const links = (page: string) =>
    [...page.matchAll(/<a class="chip" href="([^"]*)" aria-current="(\w+)">([^<]*)</g)]
      .map(([, href, current, text]) => [href!.replaceAll("&amp;", "&"), current, text]);
  assertEquals(links(await portal("")), [
    ["/?genre=Jazz", "false", "Jazz"],
    ["/?genre=Nature", "false", "Nature"],
    ["/?language=en", "false", "English"],
    ["/?language=de", "false", "German"],
  ]);
  assertEquals(links(await portal("?genre=JAZZ&q=night")), [
    ["/?q=night", "true", "Jazz"],
    ["/?q=night&genre=Nature", "false", "Nature"],
    ["/?q=night&genre=JAZZ&language=en", "false", "English"],
    ["/?q=night&genre=JAZZ&language=de", "false", "German"],
  ]);
});

Deno.test("an edge without channels says how to have one", async () => {
  const page = await portal("", []);
  assert(!absent(page, "none") && absent(page, "nothing"));
});

Deno.test("whatever a channel is called, and whatever is looked for, the page keeps its shape", async () => {
  const channel = described("cam", {});
  const { app } = openEdge([channel], { assets });
  const outline = async (search: string) =>
    (await (await app.request(`/?q=${encodeURIComponent(search)}`)).text()).match(/<[a-z]+|<\/|"/g);
  channel.words = { title: "x", description: "x", genre: "x" };
  const [sound, nothing] = [await outline("x"), await outline("zzz")];
  const text = fc.oneof(
    fc.string({ unit: "grapheme", minLength: 1 }),
    fc.constantFrom('"><script>', "' onload='", "{{q}}", "-->", "$&", "</title>"),
  ).filter((text) => text.trim() !== "" && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text));
  await fc.assert(
    fc.asyncProperty(fc.record({ title: text, description: text, genre: text }), text, async (
      words,
      search,
    ) => {
      channel.words = words;
      assertEquals(await outline(words.title), sound);
      channel.words = { title: "x", description: "x", genre: "x" };
      assertEquals(await outline(`zzz ${search}`), nothing);
    }),
    { numRuns: 30 },
  );
});
