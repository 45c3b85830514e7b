/** Lists, feeds and previews over HTTP. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import fc from "fast-check";
import { XMLValidator } from "fast-xml-parser";
import { BUILT, fakeChannel, openEdge } from "./fixtures.ts";

const LISTS: Record<string, RegExp> = {
  "/channels.m3u": /^audio\/x-mpegurl/,
  "/channels.pls": /^audio\/x-scpls/,
  "/channels.xspf": /^application\/xspf\+xml/,
  "/feed.xml": /^application\/rss\+xml/,
  "/index.txt": /^text\/plain/,
};
const WATCH_PAGE: Uint8Array<ArrayBuffer> = await Deno.readFile(
  fromFileUrl(new URL("../../../web/site/watch.html", import.meta.url)),
);
const XSS = `"><script>alert(1)</script>`;

function offAir(name: string) {
  const channel = fakeChannel(name);
  channel.stats = { ...channel.stats, state: "off-air" };
  return channel;
}

Deno.test("each list has its type, may be read by other sites' pages, and names what can be played", async () => {
  const { app } = openEdge([fakeChannel("demo"), offAir("gone")]);
  for (const [path, type] of Object.entries(LISTS)) {
    const { status, headers } = await app.request(path, { method: "HEAD" });
    assertEquals([status, headers.get("access-control-allow-origin")], [200, "*"]);
    assertMatch(headers.get("content-type")!, type);
    const text = await (await app.request(path)).text();
    assertStringIncludes(text, "http://localhost/");
    assertStringIncludes(text, "The demo channel");
    assert(!text.includes("gone"), path);
    const again = { "If-None-Match": headers.get("etag")! };
    assertEquals((await app.request(path, { headers: again })).status, 304);
  }
});

Deno.test("lists and API narrow down by what is looked for, and refuse what nobody looks for", async () => {
  const { app } = openEdge([fakeChannel("demo"), fakeChannel("rock", "Rock & roll")]);
  for (const path of [...Object.keys(LISTS), "/api/channels"]) {
    const text = await (await app.request(`${path}?q=ROCK`)).text();
    assert(text.includes("Rock") && !text.includes("demo"), path);
    const refused = await app.request(`${path}?genre=${"x".repeat(201)}`);
    assertEquals([refused.status, (await refused.json()).error.code], [400, "query-too-long"]);
  }
});

Deno.test("addresses are those of the request, or the one that the edge is told is its own", async () => {
  const forwarded = { "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example" };
  const asked = openEdge([fakeChannel("demo")]).app;
  const told = openEdge([fakeChannel("demo")], { publicUrl: "https://tv.example" }).app;
  for (const path of Object.keys(LISTS)) {
    const url = `http://edge.test:8000${path}`;
    const own = await (await asked.request(url, { headers: forwarded })).text();
    assertStringIncludes(own, "http://edge.test:8000/");
    assert(!own.includes("evil"));
    const given = await (await told.request(url)).text();
    assert(given.includes("https://tv.example/") && !given.includes("edge.test"), path);
  }
});

Deno.test("oEmbed answers for watch pages, as JSON and as XML", async () => {
  const { app } = openEdge([fakeChannel("demo", XSS)], { publicUrl: "https://tv.example" });
  for (const page of ["https://tv.example/watch/demo", "http://localhost/watch/demo"]) {
    const path = `/oembed?maxwidth=480&url=${encodeURIComponent(page)}`;
    const answer = await (await app.request(path)).json();
    assertEquals([answer.title, answer.width, answer.height], [XSS, 480, 270]);
    assertMatch(answer.html, /^<iframe src="https:\/\/tv\.example\/embed\/demo" /);
    assert(!answer.html.includes("<script"));
    const xml = await app.request(`${path}&format=xml`);
    assertMatch(xml.headers.get("content-type")!, /^text\/xml/);
    assertEquals(XMLValidator.validate(await xml.text()), true);
  }
});

Deno.test("what oEmbed cannot answer has a code", async () => {
  const { app } = openEdge([fakeChannel("demo")]);
  const demo = encodeURIComponent("http://localhost/watch/demo");
  const cases: [string, number, string][] = [
    ["", 400, "url-missing"],
    ["url=demo", 404, "not-a-watch-page"],
    [`url=${encodeURIComponent("http://other.test/watch/demo")}`, 404, "not-a-watch-page"],
    [`url=${encodeURIComponent("http://localhost/live/demo/")}`, 404, "not-a-watch-page"],
    [`url=${encodeURIComponent("http://localhost/watch/dmeo")}`, 404, "unknown-channel"],
    [`url=${demo}&format=yaml`, 501, "unknown-format"],
    [`url=${demo}&maxwidth=wide`, 400, "bad-size"],
  ];
  for (const [query, status, code] of cases) {
    const response = await app.request(`/oembed?${query}`);
    assertEquals([response.status, (await response.json()).error.code], [status, code], query);
  }
});

Deno.test("only the page made for it may stand in a frame", async () => {
  const { app } = openEdge([fakeChannel("demo")]);
  const embed = await app.request("/embed/demo");
  assertEquals(await embed.text(), "<title>The demo channel</title>demo");
  assertEquals(embed.headers.get("x-frame-options"), null);
  assertEquals((await app.request("/watch/demo")).headers.get("x-frame-options"), "SAMEORIGIN");
  assertEquals((await app.request("/embed/dmeo")).status, 404);
});

Deno.test("a watch page tells others what it shows: Open Graph, player card, oEmbed", async () => {
  const demo = fakeChannel("demo", "Harbour");
  demo.words = { description: "Ships,\nand gulls.", genre: "R&B", language: "pt-BR" };
  const assets = { ...BUILT, "site/watch.html": WATCH_PAGE };
  const { app } = openEdge([demo], { assets, publicUrl: "https://tv.example" });
  const page = await (await app.request("/watch/demo")).text();
  const metas = new Map(
    [...page.matchAll(/<meta\s+(?:name|property)="([^"]*)"\s+content="([^"]*)"/g)]
      .map(([, name, content]) => [name, content]),
  );
  assertEquals(metas.get("og:title"), "Harbour");
  assertEquals(metas.get("og:description"), "Ships, and gulls.");
  assertEquals(metas.get("og:image"), "https://tv.example/live/demo/poster");
  assertEquals(metas.get("og:video"), "https://tv.example/embed/demo");
  assertEquals(metas.get("twitter:card"), "player");
  assertEquals(metas.get("twitter:player"), "https://tv.example/embed/demo");
  assertEquals(metas.get("robots"), "index");
  const discovered = /type="application\/json\+oembed"\s+href="([^"]*)"/.exec(page)![1]!;
  const answer = await app.request(discovered.replaceAll("&amp;", "&"));
  assertEquals((await answer.json()).title, "Harbour");
  assertStringIncludes(page, ">Ships, and gulls.</p>");
  assertStringIncludes(page, '<a class="chip" href="/?genre=R%26B">R&amp;B</a>');
  assertStringIncludes(page, ">Brazilian Portuguese</a>");
});

Deno.test("no words of a channel get out of their place in its page", async () => {
  const demo = fakeChannel("demo");
  const assets = { ...BUILT, "site/watch.html": WATCH_PAGE };
  const { app } = openEdge([demo], { assets });
  /** Its tags and quotes, in order. */
  const outline = async () =>
    (await (await app.request("/watch/demo")).text()).match(/<[a-z]+|<\/|"/g);
  demo.words = { title: "x", description: "x", genre: "x" };
  const sound = await outline();
  const text = fc.oneof(
    fc.string({ unit: "grapheme", minLength: 1 }),
    fc.constantFrom(XSS, "' onload='", "{{site}}", "-->", "$&", "</title>"),
  ).filter((text) => text.trim() !== "" && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text));
  const words = fc.record({ title: text, description: text, genre: text });
  await fc.assert(
    fc.asyncProperty(words, async (said) => {
      demo.words = said;
      assertEquals(await outline(), sound);
    }),
    { numRuns: 30 },
  );
});
