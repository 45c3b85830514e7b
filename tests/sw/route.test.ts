import { assertEquals } from "@std/assert";
import { type Route, routeOf } from "../../sw/route.ts";

const routed = (url: string, destination = "video", method = "GET") =>
  routeOf({ method, url, destination });
const base = "https://edge.example/live/demo/";

Deno.test("playlists, segments and init segments of a channel are ours, at any origin", () => {
  assertEquals(routed(`${base}index.m3u8`)?.kind, "playlist");
  assertEquals(routed(`${base}r1/index.m3u8`)?.kind, "playlist");
  assertEquals(routed(`${base}r1/init-7.mp4`)?.kind, "init");
  for (const ending of ["m4s", "ts", "aac", "mp3"]) {
    assertEquals(routed(`${base}r0/882.${ending}`)?.kind, "segment");
  }
  assertEquals(routed("http://a.example/x/live/b/r0/1.ts")?.base, "http://a.example/x/live/b/");
  const secret = `https://edge.example/live/cam~${"k".repeat(22)}/`;
  assertEquals(routed(`${secret}r0/1.m4s`)?.base, secret, "a private channel's");
  const stream = `https://edge.example/stream/cam~${"k".repeat(22)}`;
  assertEquals(routed(stream)?.base, stream);
});

Deno.test("an element that asks for a manifest gets the channel's endless stream", () => {
  const stream = { kind: "stream", base: "https://edge.example/stream/demo", wants: "stream" };
  const url = `${stream.base}?token=1`;
  assertEquals(routed(`${base}manifest.mpd?token=1`), { ...stream, url } as Route);
  // A player's library reads it.
  assertEquals(routed(`${base}manifest.mpd`, ""), undefined);
});

Deno.test("elements are answered by blob, players by stream", () => {
  assertEquals(routed(`${base}r0/1.m4s`, "video")?.wants, "blob");
  assertEquals(routed(`${base}r0/1.m4s`, "audio")?.wants, "blob");
  assertEquals(routed(`${base}r0/1.m4s`, "")?.wants, "stream");
});

Deno.test("a route names the URL with its query and without its fragment", () => {
  assertEquals(routed(`${base}index.m3u8?token=1#t=5`)?.url, `${base}index.m3u8?token=1`);
});

Deno.test("all else is passed over", () => {
  const others = ["", "r0/", "r0/x.m4s", "r0/1.m4s.txt", "poster.jpg", "r0/init.mp4", "1.m4s"];
  for (const path of others) assertEquals(routed(base + path), undefined);
  assertEquals(routed("https://edge.example/live/index.m3u8"), undefined);
  assertEquals(routed("https://edge.example/vod/film/index.m3u8"), undefined);
  assertEquals(routed("https://edge.example/page?u=/live/demo/index.m3u8"), undefined);
  assertEquals(routed(`${base}r0/1.m4s`, "video", "HEAD"), undefined);
  for (const destination of ["document", "iframe", "image", "script"]) {
    assertEquals(routed(`${base}index.m3u8`, destination), undefined);
  }
});

Deno.test("the page's own requests to the edge are passed over", () => {
  assertEquals(routed(`${base}r0/1.m4s?tributary=edge`, ""), undefined);
  assertEquals(routed(`${base}r0/1.m4s?token=1&tributary=edge`, ""), undefined);
});
