import { concat } from "@std/bytes/concat";
import { CodedError } from "../../media/coded_error.ts";
import { createCutter } from "../../media/cutting/cutter.ts";
import {
  FRAMERS,
  isUnsupportedType,
  SNIFF_BYTES,
  streamFormat,
} from "../../media/cutting/stream_format.ts";
import { STREAMABLE } from "../../media/cutting/stream_error.ts";
import type { Platform } from "../../platform/platform.ts";
import type { ChannelMedia } from "../channel_media.ts";
import { IngestError } from "../push/ingest_error.ts";
import { readStation } from "./station.ts";
import { openStreamLane, type StreamLane } from "./stream_lane.ts";

/** What comes of a source that sends one endless stream, as those of Icecast do. */
export interface StreamSource {
  /** Resolves when the stream has ended, or has been ended by `cease`. Rejects with a `CodedError`. */
  receive(request: Request): Promise<void>;
  /** What plays from now on; `false` while nobody sends. */
  retitle(title: string): boolean;
  /** Ends the stream that is being received, if any. Resolves when all of it is published. */
  cease(): Promise<void>;
}

interface Session {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

export function createStreamSource({ name, title, platform, media, heard }: {
  name: string;
  title: string;
  platform: Platform;
  media: ChannelMedia;
  /** Called with every part of the stream; `published` once it has made a segment. */
  heard: (published: boolean) => void;
}): StreamSource {
  let session: Session | undefined;
  let lane: StreamLane | undefined;

  async function run(request: Request, signal: AbortSignal): Promise<void> {
    const contentType = request.headers.get("Content-Type") ?? "";
    if (isUnsupportedType(contentType)) {
      throw new IngestError(
        415,
        "unsupported-media",
        `${contentType.slice(0, 60)} is not taken here.`,
        `Send ${STREAMABLE}.`,
      );
    }
    media.introduce(readStation(request.headers));
    media.titles.clear();
    const parts = partsOf(request.body, signal);
    const first = await firstBytes(parts);
    if (signal.aborted || first.length === 0) return;
    const format = streamFormat(first, contentType);
    const cutter = createCutter(FRAMERS[format]());
    const own = await openStreamLane({ name, title, format, platform, media });
    lane = own;
    const take = async (cuts: ReturnType<typeof cutter.push>) => {
      let published = false;
      for (const cut of cuts) {
        await own.take(cut);
        published ||= cut.type === "segment";
      }
      own.grow(cutter.growing());
      heard(published);
    };
    await take(cutter.push(first));
    for await (const part of parts) await take(cutter.push(part));
    await take(cutter.end());
  }

  return {
    async receive(request) {
      await session?.done;
      const abort = new AbortController();
      const running = run(request, abort.signal);
      const own = { abort, done: running.catch(() => {}) };
      session = own;
      try {
        await running;
      } finally {
        if (session === own) session = lane = undefined;
      }
    },
    retitle(title) {
      if (!session) return false;
      media.titles.set(lane?.next() ?? 0, title);
      return true;
    },
    async cease() {
      session?.abort.abort();
      await session?.done;
    },
  };
}

/** Until the end, or until the signal. One that breaks off has ended: the source is gone. */
async function* partsOf(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (!body) return;
  const reader = body.getReader();
  const stop = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", stop);
  try {
    while (!signal.aborted) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (done || !value) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

/** Enough to tell the format from; less at the end. */
async function firstBytes(parts: AsyncGenerator<Uint8Array<ArrayBuffer>>): Promise<Uint8Array> {
  let first: Uint8Array = new Uint8Array();
  while (first.length < SNIFF_BYTES) {
    const { done, value } = await parts.next();
    if (done) break;
    first = concat([first, value]);
  }
  return first;
}

/** How HTTP calls what is wrong with a stream. */
export function streamRefusal(error: CodedError): IngestError {
  if (error instanceof IngestError) return error;
  const status = error.code.startsWith("unsupported") ? 415 : 400;
  return new IngestError(status, error.code, error.message, error.hint);
}
