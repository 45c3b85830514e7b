/** ffmpeg puts HLS (`-f hls -method PUT`); what comes out is what it made, and plays. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { decodeErrors } from "../edge/origin/ffmpeg.ts";
import { startFfmpeg } from "./ffmpeg_source.ts";
import { ended, fetched, onAir, type Stage, stage } from "./ingest_stage.ts";

const SECONDS = 10;
const SEGMENT_SECONDS = 2;
const HLS = ["-f", "hls", "-hls_time", `${SEGMENT_SECONDS}`, "-hls_list_size", "4"];
const FMP4 = ["-hls_segment_type", "fmp4"];
const DELETE = ["-hls_flags", "delete_segments"];
const TWO_RENDITIONS = ["-map", "0:v", "-map", "0:a", "-map", "0:v", "-map", "0:a"];
const MASTER = ["-var_stream_map", "v:0,a:0 v:1,a:1", "-master_pl_name", "master.m3u8"];

/** Asserts that the edge serves the segments of the local playlist, byte for byte, and that it plays. */
async function assertSame(folder: string, extension: string, { served }: Stage): Promise<void> {
  const count = SECONDS / SEGMENT_SECONDS;
  for (let at = 0; at < count; at++) {
    const local = await Deno.readFile(join(folder, `local${at}.${extension}`));
    assertEquals(await fetched(`${served}/r0/${at}.${extension}`), local, `segment ${at}`);
  }
  assertEquals(await decodeErrors(`${served}/index.m3u8`), "");
}

for (
  const { what, extension, container } of [
    { what: "MPEG-TS, with the key as a password", extension: "ts", container: [] },
    { what: "fragmented MP4, with the key in the path", extension: "m4s", container: FMP4 },
  ]
) {
  Deno.test(`HLS by PUT, ${what}: on air while it is sent, byte for byte, and it plays`, async () => {
    await using scene = await stage();
    const folder = await Deno.makeTempDir();
    const base = extension === "ts" ? scene.byPassword : scene.byPath;
    const local = ["-f", "hls", "-hls_time", `${SEGMENT_SECONDS}`, "-hls_list_size", "0"];
    await using source = startFfmpeg(
      SECONDS,
      [...local, ...container, join(folder, "local.m3u8")],
      [...HLS, ...container, ...DELETE, "-method", "PUT", `${base}/live.m3u8`],
    );
    await onAir(scene);
    await ended(scene);
    assertEquals(source.log(), "", "ffmpeg has nothing to complain about");
    await assertSame(folder, extension, scene);
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("HLS by PUT with a master playlist: both renditions play", async () => {
  await using scene = await stage();
  await using source = startFfmpeg(
    SECONDS,
    [
      ...TWO_RENDITIONS,
      ...[...HLS, ...FMP4, ...MASTER],
      ...["-method", "PUT", "-http_persistent", "1", `${scene.byPath}/s%v.m3u8`],
    ],
  );
  await onAir(scene);
  await ended(scene);
  assertEquals(source.log(), "");
  const master = new TextDecoder().decode(await fetched(`${scene.served}/index.m3u8`));
  assertEquals(master.match(/^r\d\/index\.m3u8$/gm), ["r0/index.m3u8", "r1/index.m3u8"]);
  for (const rendition of ["r0", "r1"]) {
    assertEquals(await decodeErrors(`${scene.served}/${rendition}/index.m3u8`), "");
  }
});
