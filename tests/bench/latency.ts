/**
 * How late a picture is, by a clock in it: `deno task bench:latency [--json]`. ffmpeg sends the clock as to
 * Icecast and as HLS by PUT; it is read again where it comes out. For ffmpeg, which takes what comes
 * at once, it is how late all but one picture in twenty are at most; in Chromium it is what an element shows.
 */
import { parseArgs } from "@std/cli/parse-args";
import { openBrowser } from "../support/browser.ts";
import { playClock, seeClock } from "../support/clock_page.ts";
import { CLOCK_FPS, fragments, H264, startClock, VP8 } from "../support/clock_source.ts";
import { summary, watchClock } from "../support/clock_watcher.ts";
import { published } from "../support/crowd.ts";
import { startEdge } from "../support/edge_process.ts";
import { freePort } from "../support/free_port.ts";
import { startLeafRelay, startLocalRelay } from "../support/local_relay.ts";

const KEY = "key-of-the-bench";
const PICTURES = 6 * CLOCK_FPS;
/** More than the burst at the start. */
const BURST_PICTURES = 8 * CLOCK_FPS;
const SHOWN_PICTURES = 20;

/** Each is a channel. */
const CONTINUOUS: Record<string, readonly string[]> = {
  "fmp4, a fragment a frame": [...H264, ...fragments("frame"), "-content_type", "video/mp4"],
  "fmp4, a fragment a second": [...H264, ...fragments("keyframe"), "-content_type", "video/mp4"],
  "webm": [...VP8, "-f", "webm", "-flush_packets", "1", "-content_type", "video/webm"],
};
const HLS: Record<string, readonly string[]> = {
  "hls by put, 2 s, fmp4": ["-hls_segment_type", "fmp4"],
  "hls by put, 2 s, ts": [],
};

const { json } = parseArgs(Deno.args, { boolean: ["json"] });

async function withSource<T>(
  output: (at: string) => readonly string[],
  use: (edge: Awaited<ReturnType<typeof startEdge>>, own: readonly number[]) => Promise<T>,
): Promise<T> {
  const port = freePort();
  const ingest = ["--ingest", `cam=${KEY}`, "--ingest-port", `${port}`];
  await using edge = await startEdge(["--no-demo", ...ingest]);
  const out = output(`127.0.0.1:${port}`);
  const hls = out.includes("hls");
  const alone = hls ? [...H264, ...fragments("frame")] : out.slice(0, -1);
  await using source = await startClock(out, [...alone, "pipe:1"]);
  await using own = await watchClock("pipe:0", source.own);
  await published(edge, "cam", 3);
  return await use(edge, await own.see(PICTURES));
}

async function delivered(url: string): Promise<number> {
  await using watcher = await watchClock(url);
  await watcher.see(BURST_PICTURES);
  return summary(await watcher.see(PICTURES)).p95;
}

async function main(): Promise<void> {
  await using browser = await openBrowser();
  await using profile = await browser.profile();
  const page = await profile.tab();
  const shown = async (url: string) => {
    await page.goto(new URL("/healthz", url).href);
    await playClock(page, url);
    await seeClock(page, SHOWN_PICTURES);
    return summary(await seeClock(page, SHOWN_PICTURES)).median;
  };
  const rows: Record<string, Record<string, number>> = {};
  for (const [name, made] of Object.entries(CONTINUOUS)) {
    rows[name] = await withSource(
      (at) => [...made, `icecast://source:${KEY}@${at}/cam`],
      async (edge, own) => {
        await using relay = await startLocalRelay(edge.url, "cam");
        await using leaf = await startLeafRelay(edge.url, "cam");
        for (const one of [relay, leaf]) {
          await one.until("a partner", ({ partners }) => partners >= 1);
        }
        return {
          source: summary(own).p95,
          edge: await delivered(`${edge.url}/stream/cam`),
          relay: await delivered(`${relay.url}/stream/cam`),
          leaf: await delivered(`${leaf.url}/stream/cam`),
          edgeShown: await shown(`${edge.url}/stream/cam?burst=0`),
          leafShown: await shown(`${leaf.url}/stream/cam?burst=0`),
        };
      },
    );
  }
  for (const [name, made] of Object.entries(HLS)) {
    const hls = ["-f", "hls", "-hls_time", "2", "-method", "PUT", ...made];
    rows[name] = await withSource(
      (at) => [...H264, ...hls, `http://${at}/ingest/cam/${KEY}/live.m3u8`],
      async (edge, own) => ({
        source: summary(own).p95,
        edge: await delivered(`${edge.url}/stream/cam`),
        hlsShown: await shown(`${edge.url}/live/cam/index.m3u8`),
      }),
    );
  }
  if (json) console.log(JSON.stringify(rows));
  else console.table(rows);
}

await main();
