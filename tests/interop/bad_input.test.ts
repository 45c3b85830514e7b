/** What goes wrong with real sources is told, to them or in the log, and the broadcast goes on. */
import { assertEquals, assertMatch } from "@std/assert";
import { decodeErrors } from "../edge/origin/ffmpeg.ts";
import type { EdgeProcess } from "../support/edge_process.ts";
import { published } from "../support/crowd.ts";
import { waitUntil } from "../support/wait.ts";
import { startFfmpeg } from "./ffmpeg_source.ts";
import { ended, fetched, onAir, stage } from "./ingest_stage.ts";
import { output } from "./players.ts";
import { KEY, PICTURE, radioStage, startEncoder, TONE } from "./radio_stage.ts";

const PATIENCE_MS = 20_000;
const MP3 = ["-c:a", "libmp3lame", "-f", "mp3", "-content_type", "audio/mpeg"];
const HLS = ["-f", "hls", "-hls_time", "2", "-method", "PUT"];
/** ffmpeg says so where a list declares a break. */
const BACKWARDS = /.* DTS \d+ < \d+ out of order\n/g;

async function logged(edge: EdgeProcess, pattern: RegExp): Promise<void> {
  await waitUntil(`${pattern} in the log`, () => pattern.test(edge.log()), PATIENCE_MS);
}

Deno.test("a wrong key: ffmpeg is told as by Icecast; where it says nothing of it the edge's log does", async () => {
  await using scene = await radioStage(["cam"]);
  const at = `127.0.0.1:${scene.port}`;
  await using stream = startEncoder(TONE, 30, [...MP3, `icecast://source:wrong@${at}/cam`]);
  await using files = startFfmpeg(30, [...HLS, `http://${at}/ingest/cam/wrong/live.m3u8`]);
  await stream.printed(/401 Unauthorized/, PATIENCE_MS);
  await logged(scene.edge, /^warn source-refused: cam: a source from 127\.0\.0\.1 is refused/m);
  assertEquals([files.log(), (await scene.edge.stats("cam")).state], ["", "off-air"]);
});

Deno.test("a second source is refused in its protocol's manner, and takes over when it asks to", async () => {
  await using scene = await radioStage(["cam"]);
  const at = `127.0.0.1:${scene.port}`;
  await using first = startEncoder(TONE, 60, [...MP3, `icecast://source:${KEY}@${at}/cam`]);
  await scene.onAir("cam");
  const other = [...MP3, `icecast://other:${KEY}@${at}/cam`];
  await using second = startEncoder(TONE, 60, other);
  await second.printed(/Server returned 4XX/, PATIENCE_MS);
  const { window } = await scene.edge.stats("cam");
  const asks = ["-send_expect_100", "1", "-headers", "Tributary-Takeover: 1\r\n"];
  await using third = startEncoder(TONE, 60, [
    ...[...MP3, "-method", "PUT", "-auth_type", "basic", ...asks],
    `http://other:${KEY}@${at}/cam`,
  ]);
  await first.printed(/Broken pipe|Connection reset/, PATIENCE_MS);
  await published(scene.edge, "cam", window.newest! + 3);
  assertEquals([third.log(), (await scene.edge.stats("cam")).state], ["", "on-air"]);
});

Deno.test("what nobody could play is a 415 that says what is taken", async () => {
  await using scene = await radioStage(["cam"]);
  const at = `127.0.0.1:${scene.port}`;
  const flac = ["-c:a", "flac", "-f", "flac", "-content_type", "audio/flac"];
  await using sound = startEncoder(TONE, 30, [...flac, `icecast://source:${KEY}@${at}/cam`]);
  await sound.printed(/Server returned 4XX/, PATIENCE_MS);
  await logged(scene.edge, /unsupported-media: cam: audio\/flac is not taken here/);
  const told = await output("curl", [
    ...["-s", "-w", "%{http_code}", "-T", "/etc/hostname", "-H", "Content-Type: image/png"],
    `http://source:${KEY}@${at}/cam`,
  ]);
  assertMatch(new TextDecoder().decode(told.stdout), /"unsupported-media".*Send MP3, AAC.*415$/);
  const mpeg2 = ["-c:v", "mpeg2video", "-c:a", "mp2", "-r", "25"];
  await using _files = startEncoder([...PICTURE, ...TONE], 30, [
    ...[...mpeg2, ...HLS, `http://${at}/ingest/cam/${KEY}/live.m3u8`],
  ]);
  await logged(scene.edge, /unsupported-codec: cam: live0\.ts has MPEG-2 video in it/);
  assertEquals((await scene.edge.stats("cam")).window.segments, 0);
});

for (const container of ["mpegts", "fmp4"]) {
  Deno.test(`an encoder that is killed, and begins from 0 again, goes on as ${container} after a break`, async () => {
    await using scene = await stage();
    const to = [...HLS, "-hls_segment_type", container, `${scene.byPath}/live.m3u8`];
    const first = startFfmpeg(60, to);
    await onAir(scene);
    await published(scene.edge, "cam", 2);
    await first.end("SIGKILL");
    const before = (await scene.edge.stats("cam")).window.newest!;
    await using _second = startFfmpeg(8, to);
    await ended(scene);
    assertEquals((await scene.edge.stats("cam")).window.newest, before + 4);
    const list = new TextDecoder().decode(await fetched(`${scene.served}/index.m3u8`));
    assertEquals(list.match(/^#EXT-X-DISCONTINUITY$/gm)?.length, 1, list);
    const times = list.match(/(?<=PROGRAM-DATE-TIME:).*/g)!.map((time) => Date.parse(time));
    assertEquals(times.toSorted((a, b) => a - b), times, list);
    const complaints = await decodeErrors(`${scene.served}/index.m3u8`);
    assertEquals(complaints.replaceAll(BACKWARDS, ""), "");
  });
}

Deno.test("a source that stands still is off air after a minute, and back when it goes on", async () => {
  await using scene = await radioStage(["cam"]);
  const to = `http://127.0.0.1:${scene.port}/ingest/cam/${KEY}/live.m3u8`;
  await using source = startEncoder(PICTURE, 200, [...["-c:v", "libx264", "-g", "20"], ...HLS, to]);
  await scene.onAir("cam");
  const until = (state: string, ms: number) =>
    waitUntil(state, async () => (await scene.edge.stats("cam")).state === state, ms);
  Deno.kill(source.pid, "SIGSTOP");
  await until("upstream-down", 15_000);
  await until("off-air", 55_000);
  const { newest } = (await scene.edge.stats("cam")).window;
  Deno.kill(source.pid, "SIGCONT");
  await until("on-air", PATIENCE_MS);
  await published(scene.edge, "cam", newest! + 2);
  assertEquals(source.log(), "");
});
