import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { filmType } from "../../../../edge/media/film_type.ts";
import { filmPath, filmTitle } from "../../../../edge/origin/vod/film_name.ts";
import { isPlainPath } from "../../../../edge/protocol/ledger_entry.ts";

Deno.test("a file's name becomes an address that needs no escaping", () => {
  const paths = {
    "film.mp4": "film.mp4",
    "Ma vidéo (2024).mp4": "Ma_video_2024_.mp4",
    "series/one/a b.webm": "series/one/a_b.webm",
    "…/x.mp4": undefined,
    "映画.mp4": undefined,
    [`${"x".repeat(100)}.mp4`]: undefined,
  };
  for (const [name, path] of Object.entries(paths)) assertEquals(filmPath(name), path, name);
});

Deno.test("whatever a file is called, its address can stand in a ledger entry, or there is none", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (name) => {
    const path = filmPath(`${name}.mp4`);
    assert(path === undefined || isPlainPath(path), path);
  }));
});

Deno.test("media is told by the ending of its name, and titled without it", () => {
  assertEquals(filmType("a/film.MP4"), "video/mp4");
  assertEquals([filmType("notes.txt"), filmType("mp4"), filmType("x.constructor")], [
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(filmTitle("a/My_film.part 1.mp4"), "My film.part 1");
});
