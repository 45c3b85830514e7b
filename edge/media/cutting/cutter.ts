import type { Framer } from "./atom.ts";
import { createByteQueue } from "./byte_queue.ts";
import { StreamError } from "./stream_error.ts";

/** A part of an endless stream. */
export type Cut =
  /** What a decoder needs before the segments that follow. */
  | { readonly type: "init"; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
    readonly type: "segment";
    readonly bytes: Uint8Array<ArrayBuffer>;
    /** As the frames themselves say. */
    readonly durationMs: number;
  };

/**
 * Cuts an endless stream into segments that a player can begin with. The cuts, one after the other,
 * are the stream, byte for byte, from the first place where a player can begin up to the end of the
 * last whole atom. How the stream was split on its way makes no difference.
 */
export interface Cutter {
  /**
   * Takes the next bytes and gives what they complete. Throws `CodedError` after it has given what was
   * sound: nothing can follow then.
   */
  push(bytes: Uint8Array): Generator<Cut>;
  /** What there is of the segment that comes next; good until the next call. */
  growing(): Uint8Array<ArrayBuffer>;
  /** The stream has ended. */
  end(): Generator<Cut>;
}

export interface CutterLimits {
  /** A segment is as near to this as the places allow where it can be cut, ms. */
  readonly targetMs: number;
  readonly maxMs: number;
  /** Of a segment and of what is not understood yet. */
  readonly maxBytes: number;
  /** Of what is no part of the format, at one place: a picture in a tag may be large. */
  readonly maxJunkBytes: number;
}

const MIB = 1024 * 1024;
export const CUTTER_LIMITS: CutterLimits = {
  targetMs: 1_000,
  maxMs: 30_000,
  maxBytes: 16 * MIB,
  maxJunkBytes: MIB,
};

export function createCutter(framer: Framer, limits: CutterLimits = CUTTER_LIMITS): Cutter {
  const queue = createByteQueue();
  /** Of the queue, from its start: what belongs to the cut that is being collected. */
  let collected = 0;
  let collecting: Cut["type"] | undefined;
  let durationMs = 0;
  let junk = 0;

  function* flush(): Generator<Cut> {
    const type = collecting;
    if (type !== undefined) {
      const bytes = queue.take(collected);
      yield type === "init" ? { type, bytes } : { type, bytes, durationMs };
    }
    collecting = undefined;
    collected = durationMs = 0;
  }

  function* cut(next: Framer["next"]): Generator<Cut> {
    try {
      yield* cutWhole(next);
    } catch (error) {
      yield* flush();
      throw error;
    }
  }

  function* cutWhole(next: Framer["next"]): Generator<Cut> {
    for (;;) {
      const atom = next(queue.from(collected));
      if (!atom) return check();
      if (atom.what === "init" && collecting !== "init") {
        yield* flush();
        collecting = "init";
      }
      if (atom.what === "media" && atom.opens) {
        // With half of this atom it would be past the target: without it, it is nearer to it.
        const full = durationMs > 0 && durationMs + atom.durationMs / 2 >= limits.targetMs;
        if (collecting !== "segment" || full) {
          yield* flush();
          collecting = "segment";
        }
      } else if (atom.what === "media" && collecting === "init") {
        yield* flush();
      }
      if (collecting === undefined) queue.drop(atom.bytes);
      else collected += atom.bytes;
      durationMs += collecting === "segment" ? atom.durationMs : 0;
      junk = atom.what === "junk" ? junk + atom.bytes : 0;
      check();
    }
  }

  function check(): void {
    if (junk > limits.maxJunkBytes) {
      throw new StreamError(
        "stream-lost",
        `There is nothing to be played in the last ${limits.maxJunkBytes} bytes.`,
        "Check what the source sends, and that its content type says the same.",
      );
    }
    if (durationMs > limits.maxMs) {
      throw new StreamError(
        "keyframes-too-rare",
        `There has been no keyframe for ${limits.maxMs / 1000} seconds.`,
        "Have the encoder make one every 2 seconds (ffmpeg: -g, in frames).",
      );
    }
    if (queue.length > limits.maxBytes) {
      throw new StreamError(
        "stream-too-large",
        `There has been no place to cut for ${limits.maxBytes} bytes.`,
        "Have the encoder make shorter fragments or clusters, or lower the bitrate.",
      );
    }
  }

  return {
    *push(bytes) {
      for (let at = 0; at < bytes.length; at += PART_BYTES) {
        queue.push(bytes.subarray(at, at + PART_BYTES));
        yield* cut((rest) => framer.next(rest));
      }
    },
    growing: () => queue.from(0).subarray(0, collecting === "segment" ? collected : 0),
    *end() {
      yield* cut((rest) => framer.last(rest));
      yield* flush();
    },
  };
}

/** So that one large part cannot hold more than the limits. */
const PART_BYTES = 64 * 1024;
