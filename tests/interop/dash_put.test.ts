/** ffmpeg puts DASH (`-f dash -method PUT`); what comes out as HLS is what it made, and plays. */
import { assertEquals } from "@std/assert";
import { decodeErrors } from "../edge/origin/ffmpeg.ts";
import { startFfmpeg } from "./ffmpeg_source.ts";
import { ended, fetched, onAir, stage } from "./ingest_stage.ts";

const SECONDS = 10;
const DASH = ["-f", "dash", "-seg_duration", "2"];
/** ffmpeg says so wherever DASH does not go into files. */
const IS_NO_FILE = /Cannot use rename on non file protocol/;
const STREAMS = [0, 1];

Deno.test("DASH by PUT: picture and sound are renditions, byte for byte, and play together", async () => {
  await using scene = await stage();
  const folder = await Deno.makeTempDir();
  await using source = startFfmpeg(
    SECONDS,
    [...DASH, "-window_size", "0", `${folder}/local.mpd`],
    [...DASH, "-window_size", "4", "-method", "PUT", `${scene.byPath}/live.mpd`],
  );
  await onAir(scene);
  await ended(scene);
  assertEquals(lines(source.log()).filter((line) => !IS_NO_FILE.test(line)), []);
  for (const stream of STREAMS) {
    for (let number = 1; number <= SECONDS / 2; number++) {
      const local = await Deno.readFile(`${folder}/chunk-stream${stream}-0000${number}.m4s`);
      const served = await fetched(`${scene.served}/r${stream}/${number}.m4s`);
      assertEquals(served, local, `segment ${number} of stream ${stream}`);
    }
  }
  for (const way of ["index.m3u8", "manifest.mpd"]) {
    assertEquals(await decodeErrors(`${scene.served}/${way}`), "", way);
  }
  await Deno.remove(folder, { recursive: true });
});

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
