import { CodedError } from "../../media/coded_error.ts";
import type { Platform } from "../../platform/platform.ts";
import type { ChannelState } from "../../protocol/channel.ts";
import { createChannelMedia } from "../channel_media.ts";
import { wordsOf } from "../radio/station.ts";
import type { ChannelOrigin } from "../channel_origin.ts";
import type { OriginEvent } from "../events.ts";
import { createStreamSource, streamRefusal } from "../radio/stream_source.ts";
import { createFileSource } from "./file_source.ts";
import { IngestError } from "./ingest_error.ts";
import { createSilenceWatch, VACANT_MS } from "./silence_watch.ts";
import { createTenure } from "./tenure.ts";

/**
 * A channel whose source sends here: it puts the files of HLS or DASH, as `ffmpeg -f hls -method PUT`
 * does, or one endless stream, as those of Icecast do; whichever comes.
 */
export function createPushOrigin({ name, title, platform, emit }: {
  name: string;
  title: string;
  platform: Platform;
  emit: (event: OriginEvent) => void;
}): ChannelOrigin {
  const media = createChannelMedia({
    name,
    title,
    platform,
    state: "off-air",
    emit,
    forming: (rendition, sequence) => files.forming(rendition, sequence),
  });
  const tenure = createTenure({ platform, silentMs: VACANT_MS });
  const silence = createSilenceWatch({
    platform,
    setState(state, detail) {
      if (media.state() !== "off-air") setState(state, detail);
    },
  });
  const files = createFileSource({
    name,
    title,
    platform,
    media,
    heard: silence.heard,
    setState(state, detail) {
      if (state === "off-air") tenure.vacate();
      setState(state, detail);
    },
  });
  let streams = 0;
  let stopped = false;
  /** The source whose stream is being received. */
  let streaming: string | undefined;
  const stream = createStreamSource({
    name,
    title,
    platform,
    media,
    heard(published) {
      if (streaming === undefined || !tenure.keep(streaming)) return;
      silence.heard();
      if (published) setState("on-air");
    },
  });

  function setState(state: ChannelState, detail?: string): void {
    const before = media.state();
    media.setState(state, detail);
    if (state === before) return;
    platform.log({
      level: "info",
      code: `channel-${state}`,
      message: `${name}: ${detail ?? state}`,
    });
  }

  /** Resolves when the stream of `id` has ended. */
  async function receive(id: string, request: Request): Promise<void> {
    await stream.cease();
    await files.close();
    streaming = id;
    silence.heard();
    setState("starting");
    try {
      await stream.receive(request);
    } finally {
      if (streaming === id) streaming = undefined;
    }
    if (stopped) return;
    if (!tenure.release(id)) {
      throw new IngestError(409, "taken-over", "Another source has taken your place.", "Stop.");
    }
    silence.left();
  }

  async function refuse(request: Request, error: IngestError): Promise<Response> {
    await request.body?.cancel().catch(() => {});
    const { code, message } = error;
    platform.log({ level: "warn", code, message: `${name}: ${message}` });
    return error.toResponse();
  }

  return {
    name,
    title,
    handle: () => {},
    respond: (path, request) => media.respond(path, request),
    read: media.read,
    listen: media.listen,
    async ingest(path, request, from) {
      try {
        tenure.claim(from);
        await stream.cease();
        if (request.method === "DELETE") {
          files.delete(path);
          return new Response(null, { status: 204 });
        }
        return await files.put(path, request);
      } catch (error) {
        if (!(error instanceof CodedError)) throw error;
        const { code, message, hint } = error;
        return await refuse(
          request,
          error instanceof IngestError
            ? error
            : new IngestError(400, code, `${path}: ${message}`, hint),
        );
      }
    },
    async receive(request, from) {
      const id = `${from.id} stream ${++streams}`;
      try {
        tenure.claim({ ...from, id });
        await receive(id, request);
        return new Response(null, { status: 200 });
      } catch (error) {
        if (tenure.release(id)) {
          silence.stop();
          setState("off-air", error instanceof CodedError ? error.message : undefined);
        }
        if (!(error instanceof CodedError)) throw error;
        return await refuse(request, streamRefusal(error));
      }
    },
    retitle: (title) => stream.retitle(title),
    words: () => wordsOf(media.stats().station ?? {}),
    stats: media.stats,
    async stop() {
      stopped = true;
      await stream.cease();
      silence.stop();
      await files.stop();
    },
  };
}
