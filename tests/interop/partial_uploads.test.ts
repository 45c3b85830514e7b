/** What ffmpeg puts in chunks, while it encodes it, can be read as it comes. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { CLOCK_FPS, H264, startClock } from "../support/clock_source.ts";
import { summary, watchClock } from "../support/clock_watcher.ts";
import { published } from "../support/crowd.ts";
import { waitUntil } from "../support/wait.ts";
import { fetched } from "./ingest_stage.ts";
import { KEY, type RadioStage, radioStage } from "./radio_stage.ts";

const SEGMENT_S = 4;
/** Far less than a segment, from whose end on it could be read otherwise. */
const LATE_MS = 1_500;
const DASH = ["-f", "dash", "-ldash", "1", "-streaming", "1", "-seg_duration", `${SEGMENT_S}`];

/** The segment with this number from the time on at which the source begins to send it. */
async function segment({ edge }: RadioStage, number: number): Promise<Response> {
  await published(edge, "cam", number - 1);
  return await waitUntil(`segment ${number}`, async () => {
    const response = await fetch(`${edge.url}/live/cam/r0/${number}.m4s`);
    if (response.ok) return response;
    await response.body?.cancel();
    return undefined;
  }, SEGMENT_S * 1000);
}

type Bytes = Uint8Array<ArrayBuffer>;

/** An init and what comes of a segment, which is `kept` too. */
async function* film(init: Bytes, segment: Response, kept: Bytes[]): AsyncGenerator<Bytes> {
  yield init;
  for await (const part of segment.body!) {
    kept.push(part);
    yield part;
  }
}

Deno.test("a segment of DASH is read while ffmpeg encodes it, and breaks off when that does", async () => {
  await using stage = await radioStage(["cam"]);
  const to = `http://127.0.0.1:${stage.port}/ingest/cam/${KEY}/live.mpd`;
  await using source = await startClock([...H264, ...DASH, "-method", "PUT", to]);
  await stage.onAir("cam");
  const served = `${stage.edge.url}/live/cam`;
  const init = await fetched(`${served}/r0/init-1.mp4`);

  const number = (await stage.edge.stats("cam")).window.newest! + 2;
  const response = await segment(stage, number);
  const kept: Bytes[] = [];
  await using watcher = await watchClock("pipe:0", ReadableStream.from(film(init, response, kept)));
  const { median } = summary(await watcher.see((SEGMENT_S - 2) * CLOCK_FPS));

  assert(median <= LATE_MS, `${median} ms`);
  await published(stage.edge, "cam", number);
  assertEquals(concat(kept), await fetched(`${served}/r0/${number}.m4s`));

  const broken = await segment(stage, number + 1);
  const reading = assertRejects(() => broken.bytes());
  await source[Symbol.asyncDispose]();
  await reading;
});
