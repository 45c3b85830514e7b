/** A live source whose picture is the wall clock. */
import { CLOCK_HEIGHT, CLOCK_WIDTH, drawClock } from "./clock_picture.ts";
import { requireFfmpeg } from "./ffmpeg.ts";

export interface ClockSource extends AsyncDisposable {
  /** What it sends to `pipe:1`, if that is one of its outputs. */
  readonly own: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** All that it has complained of. */
  log(): string;
}

export const CLOCK_FPS = 25;
/** As a source that cares for its delay encodes: nothing is held back, a keyframe each second. */
export const H264 = [
  ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"],
  ...["-g", `${CLOCK_FPS}`, "-sc_threshold", "0", "-b:v", "400k"],
];
export const VP8 = [
  ...["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-lag-in-frames", "0"],
  ...["-g", `${CLOCK_FPS}`, "-b:v", "400k"],
];
/** A fragment for each of these, and nothing kept back. */
export const fragments = (each: "frame" | "keyframe") => [
  ...["-f", "mp4", "-movflags", `empty_moov+default_base_moof+${FRAGMENT_FLAGS[each]}`],
  ...["-flush_packets", "1"],
];
const FRAGMENT_FLAGS = { frame: "frag_every_frame", keyframe: "frag_keyframe" };

/** Sends the clock in real time to each of the outputs, which are lists of ffmpeg's arguments. */
export async function startClock(
  ...outputs: readonly (readonly string[])[]
): Promise<ClockSource> {
  const size = `${CLOCK_WIDTH}x${CLOCK_HEIGHT}`;
  const child = new Deno.Command(await requireFfmpeg(), {
    args: [
      ...["-hide_banner", "-v", "error", "-fflags", "nobuffer"],
      ...["-f", "rawvideo", "-pix_fmt", "gray", "-s", size, "-r", `${CLOCK_FPS}`, "-i", "pipe:0"],
      ...outputs.flat(),
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let log = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) log += text;
  })();
  const writer = child.stdin.getWriter();
  let ended = false;
  const drawing = (async () => {
    const startedMs = performance.now();
    for (let frame = 0; !ended; frame++) {
      const waitMs = startedMs + frame * 1000 / CLOCK_FPS - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      await writer.write(drawClock(Date.now()));
    }
    await writer.close();
  })().catch(() => {});
  return {
    own: child.stdout,
    log: () => log,
    async [Symbol.asyncDispose]() {
      ended = true;
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      await Promise.all([drawing, reading, child.status]);
      await child.stdout.cancel().catch(() => {});
    },
  };
}
