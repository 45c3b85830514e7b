/** Finished lists as films: what ffmpeg made of one in segments is the same again as one file. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { mediaResponse } from "../../../../edge/origin/media_response.ts";
import { makeListedFilm, WIDTHS } from "../../../support/listed_film.ts";
import { vodStage } from "../../vod_stage.ts";
import { decodeErrors, ffprobe } from "../ffmpeg.ts";

const SECONDS = 12;
const FILMS = ["film.mpd.mp4", "film.m3u8.mp4", "film.mpd.r1.mp4", "film.m3u8.r1.mp4"];

interface Probed {
  streams: { codec_name: string; width?: number; nb_frames: string; start_time: string }[];
  format: { duration: string };
}

/** The digest of a stream that ffmpeg has decoded. */
async function decoded(file: string, stream: string): Promise<string> {
  const { stdout } = await new Deno.Command("ffmpeg", {
    args: ["-nostdin", "-v", "error", "-i", file, "-map", stream, "-f", "md5", "-"],
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

async function staged() {
  const stage = await vodStage();
  await makeListedFilm(join(stage.data, "vod/show"), SECONDS);
  const save = async (name: string) => {
    const path = join(stage.data, name);
    await Deno.writeFile(path, await (await stage.ask(`/vod/show/${name}`)).bytes());
    return path;
  };
  return { stage, save, original: join(stage.data, "vod/show/film.mkv") };
}

Deno.test("DASH and HLS in segments, with B-frames and sound apart, are films of the same pictures and sound", async () => {
  const { stage, save, original } = await staged();
  await using _ = stage;
  const sound = await decoded(original, "0:a");
  for (const name of FILMS) {
    const quality = name.includes(".r1.") ? 1 : 0;
    const path = await save(name);
    assertEquals(await decodeErrors(path), "", name);
    assertEquals(await decoded(path, "0:v"), await decoded(original, `0:v:${quality}`), name);
    assertEquals(await decoded(path, "0:a"), sound, name);
    const { found } = await ffprobe<Probed>(["-show_streams", "-show_format", path]);
    const [pictures, heard] = found.streams;
    assertEquals([pictures!.width, pictures!.nb_frames], [WIDTHS[quality], `${SECONDS * 25}`]);
    assertEquals(Math.round(Number(found.format.duration)), SECONDS);
    // In the original sound begins a frame before the pictures.
    const apart = Number(pictures!.start_time) - Number(heard!.start_time);
    assert(Math.abs(apart - 0.023) < 0.002, `${name}: ${apart} s`);
  }
});

Deno.test("any range of it is that of the whole, and who knows its bytes is told so", async () => {
  const { stage } = await staged();
  await using _ = stage;
  const path = "/vod/show/film.mpd.mp4";
  const response = await stage.ask(path);
  assertEquals(response.headers.get("content-type"), "video/mp4");
  const etag = response.headers.get("etag")!;
  const whole = await response.bytes();
  const place = fc.nat(whole.length - 1);
  await fc.assert(
    fc.asyncProperty(place, place, async (a, b) => {
      const [first, last] = [Math.min(a, b), Math.max(a, b)];
      const part = await stage.ask(path, { headers: { Range: `bytes=${first}-${last}` } });
      assertEquals(part.headers.get("content-length"), `${last - first + 1}`);
      assertEquals(await part.bytes(), whole.slice(first, last + 1));
    }),
    { numRuns: 40 },
  );
  assertEquals((await stage.ask(path, { headers: { "If-None-Match": etag } })).status, 304);
  const other = await stage.ask("/vod/show/film.mpd.r1.mp4", { method: "HEAD" });
  assertNotEquals(other.headers.get("etag"), etag);
});

Deno.test("who says what bandwidth there is, is sent to the best quality for it", async () => {
  const { stage } = await staged();
  await using _ = stage;
  for (
    const [bandwidth, path] of [
      ["100000", "/vod/show/film.m3u8.mp4"],
      ["600000", "/vod/show/film.m3u8.mp4"],
      ["9000000", "/vod/show/film.m3u8.r1.mp4"],
    ]
  ) {
    const answer = await stage.ask(`/vod/show/film.m3u8.mp4?bandwidth=${bandwidth}`);
    assertEquals([answer.status, answer.headers.get("location")], [302, path]);
  }
});

Deno.test("lists and segments are served as they are, and are no films in lists of films", async () => {
  const { stage } = await staged();
  await using _ = stage;
  for (
    const [name, type] of [["film.m3u8", "application/vnd.apple.mpegurl"], ["q00.m4s", "video/mp4"]]
  ) {
    const answer = await stage.ask(`/vod/show/${name}`);
    assertEquals(answer.headers.get("content-type"), type);
    assertEquals(await answer.bytes(), await Deno.readFile(join(stage.data, "vod/show", name!)));
  }
  const { films } = await (await stage.ask("/api/vod")).json();
  assertEquals(films.map(({ path }: { path: string }) => path), ["show/film.mkv"]);
});

Deno.test("what cannot be one file is refused with the reason", async () => {
  const { stage } = await staged();
  await using _ = stage;
  const lines = (await Deno.readTextFile(join(stage.data, "vod/show/q0.m3u8"))).split("\n");
  const list = (...changed: readonly string[]) => new TextEncoder().encode(changed.join("\n"));
  const ended = lines.filter((line) => line !== "#EXT-X-ENDLIST");
  const lists: Readonly<Record<string, Uint8Array>> = {
    "is not finished": list(...ended),
    "is not of fragmented MP4": list(...lines.filter((line) => !line.startsWith("#EXT-X-MAP"))),
    "is encrypted": list(
      ...lines.flatMap((line) =>
        line.startsWith("#EXT-X-MAP") ? ['#EXT-X-KEY:METHOD=AES-128,URI="key"', line] : [line]
      ),
    ),
    "lies elsewhere, or is missing": list(
      ...lines.map((line) => line === "q01.m4s" ? "http://other.example/q01.m4s" : line),
    ),
    "is of more than one timeline": list(
      ...lines.flatMap((line) => line === "q01.m4s" ? ["#EXT-X-DISCONTINUITY", line] : [line]),
    ),
  };
  for (const [why, bytes] of Object.entries(lists)) {
    await stage.put("show/changed.m3u8", bytes);
    await stage.platform.advance(2_001);
    const answer = await stage.ask("/vod/show/changed.m3u8.mp4");
    const { error } = await answer.json();
    assertEquals([answer.status, error.code], [502, "list-unusable"]);
    assert(error.message.includes(why), `${error.message} for ${why}`);
  }
  assertEquals((await stage.ask("/vod/show/none.m3u8.mp4")).status, 404);
});

Deno.test("of another server no more is asked to begin with than tells where the samples are", async () => {
  const { stage: source } = await staged();
  await using _ = source;
  let asked = 0;
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    const name = new URL(request.url).pathname.slice(1);
    const bytes = await Deno.readFile(join(source.data, "vod/show", name)).catch(() => undefined);
    if (!bytes) return new Response("", { status: 404 });
    const response = mediaResponse(request, {
      bytes,
      contentType: "video/mp4",
      etag: `"${name}"`,
      cacheControl: "no-cache",
    });
    asked += Number(response.headers.get("content-length"));
    return response;
  };
  const filmServers = [{ name: "far", url: "https://films.test/" }];
  await using stage = await vodStage({ fetch, filmServers });
  const path = "/vod/far/film.mpd.r1.mp4";
  const length = Number((await stage.ask(path, { method: "HEAD" })).headers.get("content-length"));
  assert(asked < length / 3, `${asked} of ${length} bytes`);
  const own = await (await source.ask("/vod/show/film.mpd.r1.mp4")).bytes();
  assertEquals(await (await stage.ask(path)).bytes(), own);
});
