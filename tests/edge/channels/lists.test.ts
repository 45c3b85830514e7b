import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parseFeed } from "@rowanmanning/feed-parser";
import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { writeIndexTxt } from "../../../edge/channels/lists/index_txt.ts";
import {
  oEmbed,
  readRoom,
  videoSize,
  writeOEmbedXml,
} from "../../../edge/channels/lists/oembed.ts";
import { writeM3u, writePls, writeXspf } from "../../../edge/channels/lists/player_lists.ts";
import { writeRss } from "../../../edge/channels/lists/rss.ts";
import type { FilmEntry } from "../../../edge/channels/films.ts";
import { filmType } from "../../../edge/media/film_type.ts";
import { filmPath, filmTitle } from "../../../edge/origin/vod/film_name.ts";
import { CodedError } from "../../../edge/media/coded_error.ts";
import { arbitraryEntry, entry } from "./entries.ts";

const SITE = "https://tv.example";
const NOW = Date.UTC(2026, 5, 1, 12);

const xmlParser = new XMLParser({
  ignoreAttributes: false,
  htmlEntities: true,
  parseTagValue: false,
  trimValues: false,
  isArray: (name) => name === "track",
});
const parseXml = (text: string) => {
  assertEquals(XMLValidator.validate(text), true);
  return xmlParser.parse(text);
};
const unescape = (text: string) =>
  text.replaceAll(
    /&(lt|gt|quot|#39|amp);/g,
    (entity) => ({ "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" })[entity]!,
  );
/** One of the folder, by its file's name. */
function film(name: string, length: number): FilmEntry {
  const path = filmPath(name) ?? `film${name.slice(name.lastIndexOf("."))}`;
  return {
    path,
    title: filmTitle(name),
    type: filmType(name)!,
    length,
    modifiedMs: NOW,
    index: "none",
    viewers: 0,
    file: `/vod/${path}`,
    watch: `/watch/vod/${path}`,
  };
}
const channels = fc.array(arbitraryEntry, { maxLength: 4 });

Deno.test("M3U: whatever a channel is called, each has one line about it and one with its address", () => {
  fc.assert(fc.property(channels, (list) => {
    const [head, ...lines] = writeM3u(list, SITE).trimEnd().split(/\r\n|[\r\n]/);
    assertEquals(head, "#EXTM3U");
    const about = lines.filter((line) => line.startsWith("#EXTINF:-1,")).map((line) =>
      line.slice(11)
    );
    assertEquals(about, list.map(({ title }) => title));
    const addresses = lines.filter((line) => !line.startsWith("#"));
    assertEquals(addresses, list.map(() => `${SITE}/live/cam/index.m3u8`));
  }));
});

Deno.test("PLS: whatever a channel is called, each has its three lines", () => {
  fc.assert(fc.property(channels, (list) => {
    const [head, ...lines] = writePls(list, SITE).trimEnd().split(/\r\n|[\r\n]/);
    assertEquals(head, "[playlist]");
    const values = new Map(
      lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    assertEquals(values.get("NumberOfEntries"), String(list.length));
    assertEquals(values.size, 2 + 3 * list.length);
    list.forEach(({ title }, at) => {
      assertEquals(values.get(`Title${at + 1}`), title);
      assertEquals(values.get(`File${at + 1}`), `${SITE}/live/cam/index.m3u8`);
    });
  }));
});

Deno.test("XSPF: whatever is said of a channel, the XML holds and says the same", () => {
  fc.assert(fc.property(channels, (list) => {
    const { playlist } = parseXml(writeXspf(list, SITE));
    assertEquals([playlist["@_xmlns"], playlist["@_version"]], ["http://xspf.org/ns/0/", "1"]);
    const tracks = playlist.trackList.track ?? [];
    assertEquals(
      tracks.map(({ title, annotation, location }: Record<string, string>) => [
        title,
        annotation,
        location,
      ]),
      list.map(({ title, description }) => [title, description, `${SITE}/live/cam/index.m3u8`]),
    );
  }));
});

Deno.test("RSS: a feed reader finds each channel with its title, description and genre", () => {
  fc.assert(fc.property(channels, (list) => {
    const text = writeRss(list, [], SITE);
    assertEquals(XMLValidator.validate(text), true);
    const { rss: { channel } } = new XMLParser({
      htmlEntities: true,
      parseTagValue: false,
      trimValues: false,
      isArray: (name) => name === "item",
    }).parse(text);
    const items = channel.item ?? [];
    assertEquals(
      items.map(({ title, description, category }: Record<string, string>) => [
        title,
        description && unescape(description.replaceAll("<br>", "\n")),
        category,
      ]),
      list.map(({ title, description, genre }) => [title, description, genre]),
    );
    assertEquals(parseFeed(text).items.length, list.length);
  }));
});

Deno.test("RSS: a broadcast is an item of its own each time, a channel that is always there one for good", () => {
  const feed = parseFeed(writeRss(
    [
      entry({ name: "cam", title: "Harbour", description: "Ships & <gulls>", sinceMs: NOW }),
      entry({ name: "loop", ingest: false, sinceMs: NOW, genre: "Test" }),
      entry({ name: "soon", state: "starting" }),
    ],
    [],
    SITE,
  ));
  assertEquals(feed.meta.type, "rss");
  assertEquals(feed.meta.version, "2.0");
  assertEquals([feed.title, feed.url], ["Tributary: live channels and films", `${SITE}/`]);
  assertEquals(
    feed.items.map(({ id, url, published, description }) => [
      id,
      url,
      published?.getTime(),
      description,
    ]),
    [
      [`${SITE}/watch/cam#${NOW}`, `${SITE}/watch/cam`, NOW, "Ships & <gulls>"],
      [`${SITE}/watch/loop`, `${SITE}/watch/loop`, undefined, null],
      [`${SITE}/watch/soon`, `${SITE}/watch/soon`, undefined, null],
    ],
  );
});

Deno.test("RSS: a film is an item with its file enclosed, whatever the file is called", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.nat({ max: 2 ** 45 }), (name, length) => {
    const shown = film(`${name}.webm`, length);
    const text = writeRss([], [shown], SITE);
    assertEquals(XMLValidator.validate(text), true);
    const { items: [item] } = parseFeed(text);
    assertEquals([item!.url, item!.published?.getTime()], [SITE + shown.watch, NOW]);
    const { rss } = parseXml(text);
    assertEquals(rss.channel.item.title, shown.title);
    const enclosure = { "@_url": SITE + shown.file, "@_length": `${length}`, "@_type": shown.type };
    assertEquals(rss.channel.item.enclosure, enclosure);
  }));
});

/** RFC 822 with a year of four digits, as https://www.rssboard.org/rss-specification has it. */
const RFC_822 = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

Deno.test("RSS: whatever is listed, the feed holds to its specification", () => {
  const films = fc.array(fc.record({ name: fc.string(), length: fc.nat() }), { maxLength: 3 });
  fc.assert(fc.property(channels, films, (list, some) => {
    const text = writeRss(list, some.map(({ name, length }) => film(`${name}.mp3`, length)), SITE);
    const { "?xml": declaration, rss } = new XMLParser({
      ignoreAttributes: false,
      isArray: (name) => name === "item",
    }).parse(text);
    assertEquals([declaration["@_version"], rss["@_version"]], ["1.0", "2.0"]);
    const { title, link, description, ttl, item: items = [], "atom:link": self } = rss.channel;
    assert(title && link && description && Number.isInteger(ttl));
    // https://www.rssboard.org/rss-profile#namespace-elements-atom-link
    assertEquals(self["@_href"], `${SITE}/feed.xml`);
    for (const one of items) {
      assert(one.title !== undefined && URL.canParse(one.link));
      assertEquals(one.guid["@_isPermaLink"], "false");
      if (one.pubDate !== undefined) assertMatch(one.pubDate, RFC_822);
      if (!one.enclosure) continue;
      const { "@_url": url, "@_length": length, "@_type": type } = one.enclosure;
      assertMatch(`${length} ${type}`, /^\d+ audio\/mpeg$/);
      assertEquals(new URL(url).href, url);
    }
  }));
});

Deno.test("index.txt: a line of 19 fields for each channel, whatever it is called, that PeerCast YT has room for", () => {
  fc.assert(fc.property(channels, (list) => {
    const text = writeIndexTxt(list, SITE, NOW);
    const lines = text === "" ? [] : text.trimEnd().split("\n");
    assertEquals(lines.length, list.length);
    lines.forEach((line, at) => {
      const fields = line.split("<>");
      assertEquals(fields.length, 19);
      assert(list[at]!.title.startsWith(unescape(fields[0]!)));
      assert(new TextEncoder().encode(line).length < 1_024);
    });
  }));
});

Deno.test("index.txt: what is too long for a line is cut between two characters", () => {
  const long = entry({
    title: "語".repeat(120),
    genre: "&".repeat(60),
    description: "ü".repeat(2_000),
  });
  const line = writeIndexTxt([long], SITE, NOW);
  assert(new TextEncoder().encode(line).length < 1_024);
  const [title, , , , genre, description] = line.split("<>");
  assertEquals([title, genre, description], [
    "語".repeat(80),
    "&amp;".repeat(16),
    "ü".repeat(160),
  ]);
});

Deno.test("index.txt: the fields are where YP4G has them", () => {
  const channel = entry({
    title: "Rock & <Roll>",
    genre: "Music",
    description: "Loud.\nVery.",
    viewers: 12,
    bitrate: 1_234_567,
    renditions: [{ kind: "main", container: "ts" }],
    sinceMs: NOW - (25 * 60 + 7) * 60_000,
  });
  assertEquals(
    writeIndexTxt([channel], SITE, NOW),
    "Rock &amp; &lt;Roll&gt;<>00000000000000000000000000000000<><>https://tv.example/watch/cam" +
      "<>Music<>Loud. Very.<>12<>0<>1235<>TS<><><><><><>25:07<>click<><>0\n",
  );
});

Deno.test("oEmbed: a frame in the picture's own shape, no larger than there is room for", () => {
  const wide = entry({
    renditions: [
      { kind: "main", container: "ts", width: 640, height: 360 },
      { kind: "main", container: "ts", width: 1920, height: 1080 },
    ],
  });
  assertEquals(videoSize(wide), { width: 1920, height: 1080 });
  const sizes = [{}, { width: 320 }, { height: 90 }, { width: 1 }].map((room) => {
    const { width, height } = oEmbed(wide, SITE, room);
    return [width, height];
  });
  assertEquals(sizes, [[960, 540], [320, 180], [160, 90], [1, 1]]);
  fc.assert(fc.property(arbitraryEntry, (channel) => {
    const answer = oEmbed(channel, SITE, {});
    const { oembed } = parseXml(writeOEmbedXml(answer));
    assertEquals([oembed.title, oembed.html], [answer.title, answer.html]);
    const title =
      /^<iframe src="https:\/\/tv\.example\/embed\/cam" [^<>]* title="([^"<>]*)" [^<>]*><\/iframe>$/
        .exec(answer.html)?.[1];
    assertEquals(unescape(title!), channel.title);
  }));
});

Deno.test("oEmbed: room that is no number of pixels has a code", () => {
  assertEquals(readRoom(new URLSearchParams("maxwidth=640")), { width: 640 });
  for (const text of ["maxwidth=0", "maxheight=-1", "maxwidth=wide", "maxwidth=1e9", "maxwidth="]) {
    const { code } = assertThrows(() => readRoom(new URLSearchParams(text)), CodedError);
    assertMatch(code, /^bad-size$/);
  }
});
