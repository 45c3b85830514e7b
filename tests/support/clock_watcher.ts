/** Reads the clock off a stream as it comes, and notes how late it is. */
import { CLOCK_BYTES, CLOCK_HEIGHT, CLOCK_WIDTH, readClock } from "./clock_picture.ts";
import { requireFfmpeg } from "./ffmpeg.ts";
import { waitUntil } from "./wait.ts";

export interface ClockWatcher extends AsyncDisposable {
  /** How late each of the next pictures is, ms, so many of them. */
  see(pictures: number): Promise<number[]>;
}

const PATIENCE_MS = 30_000;

/** A player that takes what comes at once, as near to live as ffmpeg can be. */
const AT_ONCE = [
  ...["-fflags", "nobuffer", "-flags", "low_delay", "-threads", "1"],
  ...["-probesize", "4096", "-analyzeduration", "0"],
];

/** `input` is an address, or `pipe:0` with `bytes` for it. */
export async function watchClock(
  input: string,
  bytes?: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<ClockWatcher> {
  const size = `${CLOCK_WIDTH}x${CLOCK_HEIGHT}`;
  const child = new Deno.Command(await requireFfmpeg(), {
    args: [
      ...["-hide_banner", "-v", "error", ...AT_ONCE, "-i", input, "-an"],
      ...["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-s", size],
      ...["-flush_packets", "1", "pipe:1"],
    ],
    stdin: bytes ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let log = "";
  const delays: number[] = [];
  const feeding = bytes?.pipeTo(child.stdin).catch(() => {});
  const logging = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) log += text;
  })();
  const reading = (async () => {
    const picture = new Uint8Array(CLOCK_BYTES);
    let filled = 0;
    for await (const part of child.stdout) {
      for (let at = 0; at < part.length;) {
        const some = part.subarray(at, at + CLOCK_BYTES - filled);
        picture.set(some, filled);
        filled += some.length;
        at += some.length;
        if (filled < CLOCK_BYTES) continue;
        filled = 0;
        const late = readClock(picture, Date.now());
        if (late !== undefined) delays.push(late);
      }
    }
  })();
  return {
    async see(pictures) {
      const from = delays.length;
      try {
        await waitUntil(
          `pictures of ${input}`,
          () => delays.length >= from + pictures,
          PATIENCE_MS,
        );
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${log}`);
      }
      return delays.slice(from, from + pictures);
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      await Promise.all([feeding, logging, reading, child.status]);
    },
  };
}

/** How late pictures are as a rule, and how late all but one in twenty are at most, ms. */
export function summary(delays: readonly number[]): { median: number; p95: number } {
  const sorted = delays.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return { median: at(0.5), p95: at(0.95) };
}
