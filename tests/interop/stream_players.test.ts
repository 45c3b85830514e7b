/** Programs that people listen with, at `/stream/CHANNEL`. */
import { assertEquals } from "@std/assert";
import { startEdge } from "../support/edge_process.ts";
import { MISSING, PLAYERS } from "./players.ts";
import { KEY, listenTo, radioStage, startEncoder } from "./radio_stage.ts";

const ENCODER_SECONDS = 30;

for (const name of MISSING) {
  Deno.test({ name: `${name} is not installed here, and not tried`, ignore: true, fn() {} });
}

for (const [name, plays] of Object.entries(PLAYERS)) {
  Deno.test(`${name} plays pictures and sound from one endless response`, async () => {
    await using edge = await startEdge();
    assertEquals(await plays(`${edge.url}/stream/demo`), "");
  });
}

Deno.test("what is pushed as HLS is one stream too", async () => {
  await using stage = await radioStage(["ts", "mp4"]);
  const clip = new URL("../../edge/origin/demo/clip.mp4", import.meta.url).pathname;
  const hls = (name: string, ...more: string[]) => [
    ...["-c", "copy", "-f", "hls", "-hls_time", "2", ...more, "-method", "PUT"],
    `http://127.0.0.1:${stage.port}/ingest/${name}/${KEY}/live.m3u8`,
  ];
  await using _source = startEncoder(
    ["-re", "-i", clip],
    ENCODER_SECONDS,
    hls("ts"),
    hls("mp4", "-hls_segment_type", "fmp4"),
  );
  for (const name of ["ts", "mp4"]) {
    await stage.onAir(name);
    await using ear = await listenTo(stage, name);
    assertEquals(ear.headers.get("Content-Type"), name === "ts" ? "video/mp2t" : "video/mp4");
    assertEquals(await PLAYERS.ffmpeg!(`${stage.edge.url}/stream/${name}`), "", name);
  }
});
