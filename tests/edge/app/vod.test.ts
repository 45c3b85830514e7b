/** Films over HTTP: `/vod`, their index and their list. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { digest, isDigestListOf, isPieceOf } from "../../../edge/protocol/digest_list.ts";
import {
  blockEntry,
  blockSpan,
  decodeFileIndex,
  isIndexWhole,
} from "../../../edge/protocol/file_index.ts";
import { pieceCount, pieceSpan } from "../../../edge/protocol/pieces.ts";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { BUILT } from "./fixtures.ts";
import { noise, vodStage } from "../vod_stage.ts";

/** Three blocks, the last of them short. */
const FILM = noise(2 * 1024 * 1024 + 30_000);
/** Longer than a folder is not read again, ms. */
const LATER_MS = 2_001;

async function indexAt(response: Response) {
  assertEquals(response.status, 200);
  return decodeFileIndex(await response.bytes())!;
}

Deno.test("a film is answered whole, by any range, and by its type", async () => {
  await using stage = await vodStage();
  await stage.put("series/film.mp4", FILM);
  await stage.put("song.mp3", FILM.subarray(0, 100));
  const whole = await stage.ask("/vod/series/film.mp4");
  assertEquals(whole.headers.get("content-type"), "video/mp4");
  assertEquals(whole.headers.get("access-control-allow-origin"), "*");
  assertEquals(await whole.bytes(), FILM);
  const [from, to] = [fc.nat(FILM.length - 1), fc.nat(FILM.length - 1)];
  await fc.assert(
    fc.asyncProperty(from, to, async (a, b) => {
      const [first, last] = [Math.min(a, b), Math.max(a, b)];
      const headers = { Range: `bytes=${first}-${last}` };
      const response = await stage.ask("/vod/series/film.mp4", { headers });
      assertEquals(response.status, 206);
      assertEquals(
        response.headers.get("content-range"),
        `bytes ${first}-${last}/${FILM.length}`,
      );
      assertEquals(await response.bytes(), FILM.slice(first, last + 1));
    }),
    { numRuns: 20 },
  );
  const song = await stage.ask("/vod/song.mp3", { method: "HEAD" });
  assertEquals([song.headers.get("content-type"), song.headers.get("content-length")], [
    "audio/mpeg",
    "100",
  ]);
  assertEquals(song.body, null);
});

Deno.test("a range of what has changed meanwhile is not mixed with what there was", async () => {
  await using stage = await vodStage();
  await stage.put("film.mp4", FILM);
  const etag = (await stage.ask("/vod/film.mp4", { method: "HEAD" })).headers.get("etag")!;
  const headers = { Range: "bytes=5-9", "If-Range": etag };
  const before = await stage.ask("/vod/film.mp4", { headers });
  assertEquals([before.status, (await before.bytes()).length], [206, 5]);
  const unchanged = await stage.ask("/vod/film.mp4", { headers: { "If-None-Match": etag } });
  assertEquals(unchanged.status, 304);
  await stage.put("film.mp4", FILM.subarray(7));
  const after = await stage.ask("/vod/film.mp4", { headers });
  assertEquals([after.status, (await after.bytes()).length], [200, FILM.length - 7]);
});

Deno.test("nothing but films of the folder is served, however it is asked for", async () => {
  await using stage = await vodStage();
  await stage.put("film.mp4", FILM);
  await stage.put(".hidden.mp4", FILM);
  await stage.put(".hidden/film.mp4", FILM);
  await stage.put("notes.txt", FILM);
  await stage.put("empty.mp4", new Uint8Array());
  await Deno.writeFile(join(stage.data, "secret.mp4"), FILM);
  await Deno.symlink(join(stage.data, "secret.mp4"), join(stage.data, "vod/link.mp4"));
  const paths = [".hidden.mp4", ".hidden/film.mp4", "notes.txt", "empty.mp4", "link.mp4"];
  const ways = ["../secret.mp4", "%2e%2e/secret.mp4", "..%2fsecret.mp4", "a/../../secret.mp4"];
  for (const path of [...paths, ...ways, "", "//film.mp4", "film.mp4/"]) {
    const { status } = await stage.ask(`/vod/${path}`);
    assertEquals(status, 404, path);
  }
  const answer = await (await stage.ask("/vod/film")).json();
  assertEquals(answer.error.code, "unknown-film");
  const { films } = await (await stage.ask("/api/vod")).json();
  assertEquals(films.map(({ path }: { path: string }) => path), ["film.mp4"]);
});

Deno.test("films come and go without a restart, and those without an address are named in the log", async () => {
  await using stage = await vodStage();
  assertEquals((await stage.ask("/vod/Mein%20Film.mp4")).status, 404);
  await stage.put("Mein Film.mp4", FILM);
  await stage.put("Mein?Film.mp4", FILM);
  await stage.put("映画.mp4", FILM);
  await stage.platform.advance(LATER_MS);
  const { films } = await (await stage.ask("/api/vod")).json();
  assertEquals(films.length, 1);
  const { title, type, length, file, watch, viewers, index } = films[0];
  assertEquals({ title, type, length, file, watch, viewers, index }, {
    title: "Mein Film",
    type: "video/mp4",
    length: FILM.length,
    file: "/vod/Mein_Film.mp4",
    watch: "/watch/vod/Mein_Film.mp4",
    viewers: 0,
    index: "none",
  });
  assertEquals(stage.platform.lines.map(({ code }) => code), ["film-twice", "film-name"]);
  await Deno.remove(join(stage.data, "vod/Mein Film.mp4"));
  await Deno.remove(join(stage.data, "vod/Mein?Film.mp4"));
  assertEquals((await stage.ask("/vod/Mein_Film.mp4")).status, 404);
});

Deno.test("the index and the digest lists prove every piece of a film", async () => {
  await using stage = await vodStage();
  await stage.put("film.mp4", FILM);
  const { file, roots } = await indexAt(await stage.ask("/vod/film.mp4?index"));
  assertEquals([file.uri, file.length, file.epoch, file.rendition], [
    "film.mp4",
    FILM.length,
    1,
    0,
  ]);
  assert(await isIndexWhole({ file, roots }));
  for (let block = 0; block * 16 < roots.length; block++) {
    const root = roots.subarray(block * 16, block * 16 + 16);
    const entry = blockEntry(file, block, root);
    const address = `/vod/film.mp4?digests=${unitKey(entry.unit)}`;
    const list = await (await stage.ask(address)).bytes();
    assert(await isDigestListOf(list, root));
    const bytes = FILM.subarray(blockSpan(file, block).from, blockSpan(file, block).to);
    for (let index = 0; index < pieceCount(entry); index++) {
      const span = pieceSpan(entry, index);
      assert(await isPieceOf(bytes.subarray(span.from, span.to), list, index));
    }
  }
  for (const unit of ["2.0.0", "1.1.0", "1.0.3", "junk"]) {
    const response = await stage.ask(`/vod/film.mp4?digests=${unit}`);
    assertEquals([response.status, (await response.json()).error.code], [404, "block-unknown"]);
  }
});

Deno.test("a restart reads no film again, and a change of its bytes is a new epoch", async () => {
  await using stage = await vodStage();
  await stage.put("film.mp4", FILM);
  const first = await indexAt(await stage.ask("/vod/film.mp4?index"));
  // Were the film read again, it would be another one.
  const path = join(stage.data, "vod/film.mp4");
  const { mtime } = await Deno.stat(path);
  await Deno.writeFile(path, FILM.toReversed());
  await Deno.utime(path, mtime!, mtime!);
  stage.restart();
  assertEquals(await indexAt(await stage.ask("/vod/film.mp4?index")), first);
  await Deno.utime(path, mtime!, new Date(mtime!.getTime() + 5_000));
  const second = await indexAt(await stage.ask("/vod/film.mp4?index"));
  assertEquals(second.file.epoch, 2);
  assertEquals(second.file.root, await digest(second.roots));
  // What only looks newer is what it was.
  await Deno.utime(path, mtime!, new Date(mtime!.getTime() + 9_000));
  assertEquals((await indexAt(await stage.ask("/vod/film.mp4?index"))).file.epoch, 2);
});

Deno.test("an index whose digests were lost or harmed is made again", async () => {
  await using stage = await vodStage();
  await stage.put("film.mp4", FILM);
  const first = await indexAt(await stage.ask("/vod/film.mp4?index"));
  await Deno.writeFile(join(stage.data, "film-digests/film.mp4"), noise(2_080, 7));
  stage.restart();
  const again = await indexAt(await stage.ask("/vod/film.mp4?index"));
  assertEquals(again, first);
  const list = await (await stage.ask("/vod/film.mp4?digests=1.0.0")).bytes();
  assert(await isDigestListOf(list, first.roots.subarray(0, 16)));
});

Deno.test("an index that takes long is 202 with how far it is, and is there later", async () => {
  await using stage = await vodStage();
  // A sparse file: it takes no room and some seconds.
  await stage.put("long.mp4", new Uint8Array(1));
  await Deno.truncate(join(stage.data, "vod/long.mp4"), 48 * 1024 * 1024);
  const asked = stage.ask("/vod/long.mp4?index");
  // The request looks at the folder first; the clock of this test stands still until then.
  while (stage.platform.timers() === 0) await stage.platform.advance(0);
  await stage.platform.advance(1_000);
  const early = await asked;
  assertEquals([early.status, early.headers.get("retry-after")], [202, "2"]);
  const { error } = await early.json();
  assertEquals(error.code, "index-not-ready");
  assertMatch(error.message, /\d+ % is done/);
  await indexAt(await stage.ask("/vod/long.mp4?index"));
  const { films } = await (await stage.ask("/api/vod")).json();
  assertEquals(films[0].index, "ready");
});

Deno.test("the page of a film has it in a plain element, and one of none is not found", async () => {
  const film = new TextEncoder().encode('<video src="{{file}}"></video>{{title}} {{facts}}');
  await using stage = await vodStage({ assets: { ...BUILT, "site/film.html": film } });
  await stage.put("a/My film.mp4", FILM);
  const page = await (await stage.ask("/watch/vod/a/My_film.mp4")).text();
  assertStringIncludes(page, '<video src="/vod/a/My_film.mp4">');
  assertStringIncludes(page, "My film Film · 2.1 MB");
  const html = { headers: { Accept: "text/html" } };
  assertEquals((await stage.ask("/watch/vod/none.mp4", html)).status, 404);
});

Deno.test("a film's swarm is reached by WebSocket alone, one of none not at all", async () => {
  await using stage = await vodStage();
  await stage.put("film.mp4", FILM);
  assertEquals((await stage.ask("/swarm/vod/film.mp4")).status, 426);
  assertEquals((await stage.ask("/swarm/vod/none.mp4")).status, 404);
});

Deno.test("portal and feed name the films that are looked for, the newest first", async () => {
  const portal = new TextEncoder().encode("{{films}}");
  await using stage = await vodStage({ assets: { ...BUILT, "site/portal.html": portal } });
  await stage.put("Old sea.mp4", FILM);
  await Deno.utime(join(stage.data, "vod/Old sea.mp4"), 1, 1);
  await stage.put("New <sea>.mp3", FILM);
  const named = async (path: string) =>
    [...(await (await stage.ask(path)).text()).matchAll(/watch\/vod\/([^"<]+)["<]/g)]
      .map(([, name]) => name).filter((name, at, all) => all.indexOf(name) === at);
  for (const path of ["/", "/feed.xml"]) {
    assertEquals(await named(path), ["New_sea_.mp3", "Old_sea.mp4"]);
    assertEquals(await named(`${path}?q=OLD`), ["Old_sea.mp4"]);
    assertEquals(await named(`${path}?genre=sea`), []);
  }
});
