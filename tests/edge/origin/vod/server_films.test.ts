/** Films that another server has. */
import { assert, assertEquals } from "@std/assert";
import { decodeFileIndex, isIndexWhole } from "../../../../edge/protocol/file_index.ts";
import { mediaResponse } from "../../../../edge/origin/media_response.ts";
import { noise, vodStage } from "../../vod_stage.ts";

const FILM = noise(3 * 1024 * 1024 + 77);

/** A static server with one file at `/films/film.mp4`. */
function startServer() {
  const ranges: (string | null)[] = [];
  const server = {
    ranges,
    bytes: FILM,
    down: false,
    fetch: (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const request = new Request(input, init);
      if (server.down) return Promise.reject(new TypeError("refused"));
      const { pathname } = new URL(request.url);
      if (pathname === "/films/whole.mp4") return Promise.resolve(new Response("all of it"));
      if (pathname !== "/films/film.mp4") return Promise.resolve(new Response("", { status: 404 }));
      ranges.push(request.headers.get("range"));
      const etag = `"${server.bytes.length}"`;
      const media = { contentType: "video/mp4", etag, cacheControl: "no-cache" };
      return Promise.resolve(mediaResponse(request, { ...media, bytes: server.bytes }));
    },
  };
  return server;
}

const FOLDER = [{ name: "far", url: "https://films.test/films/" }];
const FILE = [{ name: "far", url: "https://films.test/films/film.mp4" }];

Deno.test("a film of another server is asked for once, however many watch it", async () => {
  const server = startServer();
  await using stage = await vodStage({ fetch: server.fetch, filmServers: FOLDER });
  const answers = await Promise.all(
    Array.from({ length: 8 }, async () => await (await stage.ask("/vod/far/film.mp4")).bytes()),
  );
  for (const bytes of answers) assertEquals(bytes, FILM);
  const range = { headers: { Range: "bytes=1048570-1048580" } };
  const part = await stage.ask("/vod/far/film.mp4", range);
  assertEquals(await part.bytes(), FILM.slice(1_048_570, 1_048_581));
  assertEquals(server.ranges, [
    "bytes=0-0",
    "bytes=0-1048575",
    "bytes=1048576-2097151",
    "bytes=2097152-3145727",
    "bytes=3145728-3145804",
  ]);
});

Deno.test("a film that is named when the edge begins is indexed before anybody asks", async () => {
  const server = startServer();
  await using stage = await vodStage({ fetch: server.fetch, filmServers: FILE });
  const index = decodeFileIndex(await (await stage.ask("/vod/far/film.mp4?index")).bytes())!;
  assert(await isIndexWhole(index));
  assertEquals(index.file.length, FILM.length);
  const { films } = await (await stage.ask("/api/vod")).json();
  assertEquals([films.length, films[0].path, films[0].index], [1, "far/film.mp4", "ready"]);
});

Deno.test("what changes on the other server is another film", async () => {
  const server = startServer();
  await using stage = await vodStage({ fetch: server.fetch, filmServers: FOLDER });
  const epoch = async () =>
    decodeFileIndex(await (await stage.ask("/vod/far/film.mp4?index")).bytes())!.file.epoch;
  assertEquals(await epoch(), 1);
  server.bytes = FILM.subarray(9);
  await stage.platform.advance(10_001);
  assertEquals(await epoch(), 2);
  assertEquals(await (await stage.ask("/vod/far/film.mp4")).bytes(), FILM.slice(9));
});

Deno.test("a server that is away, or knows no ranges, or has no such film, is told of", async () => {
  const server = startServer();
  await using stage = await vodStage({ fetch: server.fetch, filmServers: FOLDER });
  const code = async (path: string) => {
    const response = await stage.ask(path);
    return [response.status, (await response.json()).error.code];
  };
  assertEquals(await code("/vod/far/none.mp4"), [404, "unknown-film"]);
  assertEquals(await code("/vod/far/../secret.mp4"), [404, "unknown-film"]);
  assertEquals(await code("/vod/far/whole.mp4"), [502, "film-server-refuses"]);
  server.down = true;
  assertEquals(await code("/vod/far/film.mp4"), [502, "film-server-unreachable"]);
});
