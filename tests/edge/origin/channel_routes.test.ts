import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { createLoopOrigin } from "../../../edge/origin/loop_origin.ts";
import { createFakePlatform } from "../fake_platform.ts";

const clip = await Deno.readFile(new URL("../../../edge/origin/demo/clip.mp4", import.meta.url));
const NOW = 1_780_000_000_000;
const NEWEST = NOW / 2000 - 1;

async function withDemo(
  test: (
    get: (path: string, init?: RequestInit) => Promise<Response>,
    origin: ReturnType<typeof createLoopOrigin>,
  ) => Promise<void>,
) {
  const platform = createFakePlatform({ now: NOW });
  const origin = createLoopOrigin({ name: "demo", title: "Demo", clip, platform, emit: () => {} });
  await test(
    (path, init) => origin.respond(path, new Request(`http://edge.test/live/demo/${path}`, init)),
    origin,
  );
  await origin.stop();
}

Deno.test("a playlist lists the newest eight segments and must be asked for again", () =>
  withDemo(async (get) => {
    const response = await get("index.m3u8");
    assertEquals(response.headers.get("Content-Type"), "application/vnd.apple.mpegurl");
    assertEquals(response.headers.get("Cache-Control"), "no-store");
    const text = await response.text();
    assertEquals(text.match(/^r0\/\d+\.m4s$/gm)?.length, 8);
    assertStringIncludes(text, `#EXT-X-MEDIA-SEQUENCE:${NEWEST - 7}\n`);
    assertStringIncludes(text, '#EXT-X-MAP:URI="r0/init-1.mp4"\n');
    const again = { headers: { "If-None-Match": response.headers.get("ETag")! } };
    assertEquals((await get("index.m3u8", again)).status, 304);
  }));

Deno.test("segments and init segments may be kept for good", () =>
  withDemo(async (get) => {
    for (const path of ["r0/init-1.mp4", `r0/${NEWEST}.m4s`, `digests/1.0.${NEWEST}`]) {
      const response = await get(path, { method: "HEAD" });
      assertEquals(response.status, 200, path);
      assertEquals(response.headers.get("Cache-Control"), "public, max-age=3600, immutable");
    }
  }));

Deno.test("one picture of what is on air now can be had as a film of its own", () =>
  withDemo(async (get) => {
    const { size } = await (await get(`r0/${NEWEST}.m4s`)).blob();
    const still = await get("still.mp4");
    assertEquals(still.status, 200);
    assertEquals(still.headers.get("Content-Type"), "video/mp4");
    assertEquals(still.headers.get("Cache-Control"), "no-store");
    assertLess((await still.blob()).size, size);
  }));

Deno.test("what is not there says what is", () =>
  withDemo(async (get) => {
    const window = `${NEWEST - 14} to ${NEWEST}`;
    for (
      const [path, code, hint] of [
        [`r0/${NEWEST - 15}.m4s`, "segment-gone", window],
        [`r0/${NEWEST + 1}.m4s`, "segment-not-yet", window],
        ["r1/5.m4s", "media-not-found", "index.m3u8"],
        ["r1/index.m3u8", "media-not-found", "index.m3u8"],
        ["../../etc/passwd", "media-not-found", "index.m3u8"],
        ["digests/1.0.5", "media-not-found", "index.m3u8"],
        ["", "media-not-found", "index.m3u8"],
      ] as const
    ) {
      const response = await get(path);
      assertEquals(response.status, 404, path);
      assertEquals(response.headers.get("Cache-Control"), "no-store");
      const { error } = await response.json();
      assertEquals(error.code, code, path);
      assertStringIncludes(error.hint, hint);
    }
  }));

Deno.test("only GET and HEAD are answered", () =>
  withDemo(async (get) => {
    const response = await get("index.m3u8", { method: "POST" });
    assertEquals(response.status, 405);
    assertEquals(response.headers.get("Allow"), "GET, HEAD");
  }));

Deno.test("body bytes are counted by what they are", () =>
  withDemo(async (get, origin) => {
    const { length } = await (await get(`r0/${NEWEST}.m4s`)).bytes();
    await (await get(`r0/${NEWEST}.m4s`, { headers: { Range: "bytes=100-299" } })).bytes();
    await get(`r0/${NEWEST}.m4s`, { method: "HEAD" });
    const init = await (await get("r0/init-1.mp4")).bytes();
    const playlist = await (await get("index.m3u8")).bytes();
    await get("r0/1.m4s");
    assertEquals(origin.stats().sent, {
      segments: length,
      ranges: 200,
      inits: init.length,
      playlists: playlist.length,
      streams: 0,
    });
    assertEquals(origin.stats().requests, {
      segments: 2,
      ranges: 1,
      inits: 1,
      playlists: 1,
      streams: 0,
    });
  }));
