/** Lists that say what is not so, change, or name what is never whole. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { mediaResponse } from "../../../../edge/origin/media_response.ts";
import { readPlaylist } from "../../../../edge/media/playlist_read.ts";
import type { MediaPlaylist } from "../../../../edge/media/playlist.ts";
import { CodedError } from "../../../../edge/media/coded_error.ts";
import type { Film } from "../../../../edge/origin/vod/film.ts";
import { createListFilms } from "../../../../edge/origin/vod/list_films.ts";
import { joinLists } from "../../../../edge/origin/vod/segmented_film.ts";
import type { Span } from "../../../../edge/protocol/pieces.ts";
import { aloneInit, aloneSegment, PICTURES } from "../../media/cutting/streams.ts";
import { words } from "../../media/boxes.ts";
import { turn } from "../../fake_platform.ts";
import { vodStage } from "../../vod_stage.ts";

const INIT = aloneInit(PICTURES);
const segment = (at: number, seed = at) =>
  aloneSegment(PICTURES, { startS: at * 2, endS: at * 2 + 2, seed });
const text = (...lines: readonly string[]) => new TextEncoder().encode(lines.join("\n"));

/** A finished list of these segments, each line of which may have more before it. */
const listOf = (segments: readonly string[]) =>
  text(
    "#EXTM3U",
    "#EXT-X-TARGETDURATION:2",
    '#EXT-X-MAP:URI="init.mp4"',
    ...segments.flatMap((one) => ["#EXTINF:2", one]),
    "#EXT-X-ENDLIST",
  );

const MASTER = text("#EXTM3U", "#EXT-X-STREAM-INF:BANDWIDTH=1000", "q.m3u8");

Deno.test("a film changes with any list that it is made of, and with its segments", async () => {
  await using stage = await vodStage();
  await stage.put("show/init.mp4", INIT);
  for (const at of [0, 1]) await stage.put(`show/${at}.m4s`, segment(at));
  await stage.put("show/film.m3u8", MASTER);
  await stage.put("show/q.m3u8", listOf(["0.m4s"]));
  const taken = async () => {
    await stage.platform.advance(2_001);
    const answer = await stage.ask("/vod/show/film.m3u8.mp4");
    const bytes = await answer.bytes();
    return { etag: answer.headers.get("etag"), bytes };
  };
  const first = await taken();
  await stage.put("show/q.m3u8", listOf(["0.m4s", "1.m4s"]));
  const second = await taken();
  assertNotEquals(second.etag, first.etag);
  assert(second.bytes.length > first.bytes.length + segment(1).length);
  await stage.put("show/1.m4s", segment(1, 7));
  const third = await taken();
  assertNotEquals(third.etag, second.etag);
  assertEquals(third.bytes.slice(-segment(1, 7).length), segment(1, 7));
});

Deno.test("nobody is sent to a quality whose address is longer than any film's may be", async () => {
  await using stage = await vodStage();
  const quality = (bits: number) => [`#EXT-X-STREAM-INF:BANDWIDTH=${bits}`, `q${bits}.m3u8`];
  const name = "show/" + "n".repeat(85) + ".m3u8";
  await stage.put(name, text("#EXTM3U", ...quality(1), ...quality(2)));
  await stage.put("show/init.mp4", INIT);
  await stage.put("show/0.m4s", segment(0));
  for (const bits of [1, 2]) await stage.put(`show/q${bits}.m3u8`, listOf(["0.m4s"]));
  const { headers } = await stage.ask(`/vod/${name}.mp4?bandwidth=9`);
  assertEquals((await stage.ask(headers.get("location")!)).status, 200);
});

Deno.test("a range that the file has not is refused when the film is opened", async () => {
  await using stage = await vodStage();
  await stage.put("show/init.mp4", INIT);
  // Its last box has no length of its own: it would reach to wherever the list says.
  const open = segment(0);
  open.set(words(0), open.length - 8 - lastPayload(open));
  await stage.put("show/0.m4s", open);
  const range = `#EXT-X-BYTERANGE:${open.length + 1_000}@0`;
  await stage.put("show/film.m3u8", listOf([`${range}\n0.m4s`]));
  const answer = await stage.ask("/vod/show/film.m3u8.mp4");
  assertEquals([answer.status, (await answer.json()).error.code], [502, "list-unusable"]);
});

/** The length of what the last box holds, bytes. */
function lastPayload(bytes: Uint8Array): number {
  for (let at = 0;;) {
    const size = new DataView(bytes.buffer).getUint32(at);
    if (at + size === bytes.length) return size - 8;
    at += size;
  }
}

/** A server of other films: their list of `count` segments, and which of these are there. */
function farServer(count: number, isThere: (at: number) => boolean) {
  const list = listOf(Array.from({ length: count }, (_, at) => `${at}.m4s`));
  const asked: string[] = [];
  const bytesOf = (name: string): Uint8Array<ArrayBuffer> | undefined => {
    if (/^film\d*\.m3u8$/.test(name)) return list;
    if (name === "init.mp4") return INIT;
    const at = /^(\d+)\.m4s$/.exec(name)?.[1];
    return at !== undefined && isThere(Number(at)) ? segment(Number(at)) : undefined;
  };
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    const name = new URL(request.url).pathname.slice(1);
    asked.push(name);
    const bytes = bytesOf(name);
    if (!bytes) return new Response(null, { status: 404 });
    // What is not there is known soonest.
    await turn();
    const media = { contentType: "video/mp4", etag: `"${name}"`, cacheControl: "no-cache" };
    return mediaResponse(request, { ...media, bytes });
  };
  return { asked, fetch, filmServers: [{ name: "far", url: "https://films.test/" }] };
}

Deno.test("one segment that is missing is enough: the server is not asked for the others", async () => {
  const { asked, ...server } = farServer(200, (at) => at > 0);
  await using stage = await vodStage(server);
  assertEquals((await stage.ask("/vod/far/film.m3u8.mp4")).status, 502);
  // Those that were on their way may end.
  await stage.platform.advance(1);
  assert(asked.length < 40, `${asked.length} requests`);
});

Deno.test("a film that is open costs its server nothing but the media", async () => {
  const { asked, ...server } = farServer(3, () => true);
  await using stage = await vodStage(server);
  const take = async () => await (await stage.ask("/vod/far/film.m3u8.mp4")).bytes();
  const first = await take();
  const { length } = asked;
  assertEquals(await take(), first);
  assertEquals(asked.slice(length), []);
});

Deno.test("many films at once stay open", async () => {
  const { asked, ...server } = farServer(3, () => true);
  await using stage = await vodStage(server);
  const takeAll = async () => {
    for (let film = 0; film < 20; film++) {
      await (await stage.ask(`/vod/far/film${film}.m3u8.mp4`)).bytes();
    }
  };
  await takeAll();
  const { length } = asked;
  await takeAll();
  assertEquals(asked.slice(length), []);
});

Deno.test("of more films than can be remembered the one that was asked for longest ago is opened anew", async () => {
  const opened: string[] = [];
  const list = listOf(["0.m4s"]);
  const find = (path: string) => {
    const [, name] = /(\w+)\.m3u8$/.exec(path) ?? [];
    return Promise.resolve({
      ...fileOf(name ? list : path === "init.mp4" ? INIT : segment(0)),
      path,
      ...(name ? { read: ofList(name) } : {}),
    });
  };
  const ofList = (name: string) => () => {
    opened.push(name);
    return new Blob([list]).stream();
  };
  const films = createListFilms(find, 2_000);
  for (const name of "abacab") await films.find(`${name}.m3u8.mp4`);
  assertEquals(opened.join(""), "abcb");
});

Deno.test("a server that takes a request and never answers is given up", async () => {
  const fetch = (_: string | URL | Request, init?: RequestInit) =>
    new Promise<Response>((_, reject) =>
      init?.signal?.addEventListener("abort", () => reject(init.signal!.reason))
    );
  await using stage = await vodStage({
    fetch,
    filmServers: [{ name: "far", url: "https://films.test/" }],
  });
  const asked = stage.ask("/vod/far/film.m3u8.mp4");
  await stage.platform.advance(10_001);
  const { error } = await (await asked).json();
  assertEquals(error.code, "film-server-unreachable");
});

Deno.test("a file that is nothing but movie fragments is not read to its end", async () => {
  let read = 0;
  const size = 1024 * 1024;
  const header = new Uint8Array([...words(size), ...new TextEncoder().encode("moof")]);
  const endless: Film = {
    ...fileOf(INIT),
    length: 2 ** 40,
    glance({ from, to }: Span) {
      const bytes = new Uint8Array(to - from);
      bytes.set(header);
      read += bytes.length;
      return Promise.resolve(bytes);
    },
  };
  const playlist = readPlaylist(new TextDecoder().decode(listOf(["0.m4s"]))) as MediaPlaylist;
  const file = (uri: string) => Promise.resolve(uri === "init.mp4" ? fileOf(INIT) : endless);
  await assertRejects(() => joinLists([{ playlist, file }]), CodedError, "samples");
  assert(read < 200 * size, `${read} bytes`);
});

function fileOf(bytes: Uint8Array<ArrayBuffer>): Film {
  return {
    path: "show/init.mp4",
    title: "init",
    contentType: "video/mp4",
    length: bytes.length,
    modifiedMs: undefined,
    etag: '"1"',
    read: ({ from, to }) => new Blob([bytes.slice(from, to)]).stream(),
  };
}
