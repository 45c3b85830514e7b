import { CodedError } from "../../media/coded_error.ts";
import type { MediaPlaylist, Playlist } from "../../media/playlist.ts";
import type { Platform } from "../../platform/platform.ts";
import { sameBytes } from "../../protocol/bytes.ts";
import { createChannelMedia } from "../channel_media.ts";
import type { ChannelOrigin } from "../channel_origin.ts";
import type { OriginEvent } from "../events.ts";
import { createNumberingMemory } from "../numbering_memory.ts";
import { createPullHealth } from "../pull_health.ts";
import { createRenditionPuller } from "../pull_rendition.ts";
import { resolveUri } from "../pull_upstream.ts";
import { createRenditionSet } from "../rendition_set.ts";
import { createStreamSource, streamRefusal } from "../radio/stream_source.ts";
import { createSegmentClocks } from "../segment_clock.ts";
import { readCatalog, singleRendition, type SourceRendition } from "../upstream_catalog.ts";
import { IngestError } from "./ingest_error.ts";
import { createPushLane, type PushLane } from "./push_lane.ts";
import { createShelf } from "./shelf.ts";
import { shelfUpstream, shelfUrl } from "./shelf_upstream.ts";
import { createTenure } from "./tenure.ts";
import { readUpload } from "./uploads.ts";

/** How long a media playlist waits for the master playlist that may go with it, ms: ffmpeg writes that last. */
const MASTER_WAIT_MS = 1_500;
/** Without a request for so long the source is said to be silent, and for so long the channel to be off air, ms. */
const SILENT_MS = 10_000;
const GONE_MS = 60_000;
/** How long a stream that was closed may take to come back before the channel is off air, ms. */
const RETURN_MS = 10_000;
/** Playlists that no master playlist has named yet. */
const MAX_UNPLACED = 64;

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
  const media = createChannelMedia({ name, title, platform, state: "off-air", emit });
  const renditions = createRenditionSet({ name, title, media });
  const newClock = createSegmentClocks(platform);
  const health = createPullHealth();
  const shelf = createShelf();
  const tenure = createTenure({ platform, silentMs: SILENT_MS });
  /** Aborted when the source has other renditions, or at the end. */
  let opening = new AbortController();
  /** Files that segments were made of since the source last began. */
  const taken = new Set<string>();
  const upstream = shelfUpstream(shelf, (path) => taken.add(path));
  const pullers = new Map<number, ReturnType<typeof createRenditionPuller>>();
  const unplaced = new Map<string, MediaPlaylist>();
  let lanes: PushLane[] = [];
  let cancelMasterWait: (() => void) | undefined;
  let cancelSilence = () => {};
  /** Since files were sent last, a stream has numbered its segments in their place. */
  let streamed = false;
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
      touch();
      if (published) setState("on-air");
    },
  });

  /** From now on the source has these renditions. */
  function open(catalog: readonly SourceRendition[]): void {
    const same = catalog.length === lanes.length &&
      lanes.every(({ source }, at) => source.url === catalog[at]!.url);
    if (same) return;
    cancelMasterWait?.();
    opening.abort();
    opening = new AbortController();
    const { signal } = opening;
    const before = Promise.all(lanes.map((lane) => lane.idle()));
    renditions.begin(catalog.map(({ id }) => id));
    health.expect(catalog);
    if (streamed) media.window.clear();
    lanes = catalog.map((source) => {
      const puller = pullers.get(source.id) ?? createRenditionPuller({
        id: source.id,
        now: platform.now,
        upstream,
        memory: createNumberingMemory({ platform, channel: name, rendition: source.id }),
        clock: newClock(),
        keepInit: media.keepInit,
        publish: renditions.publish,
      });
      pullers.set(source.id, puller);
      puller.resume(source);
      if (streamed) puller.restart();
      return createPushLane({
        source,
        shelf,
        puller,
        signal,
        before,
        polled(what) {
          if (signal.aborted) return;
          health.note(source.id, what);
          if (what.type !== "media") renditions.excuse(source.id);
          if (what.type === "media" || what.type === "ended") tell();
        },
      });
    });
    for (const lane of lanes) {
      const playlist = unplaced.get(lane.source.url);
      if (playlist) lane.offer(playlist);
    }
    unplaced.clear();
    streamed = false;
  }

  /** Lets go of all files: a stream comes in their place. */
  async function close(): Promise<void> {
    opening.abort();
    opening = new AbortController();
    cancelMasterWait?.();
    cancelMasterWait = undefined;
    renditions.end();
    const before = lanes;
    lanes = [];
    await Promise.all(before.map((lane) => lane.idle()));
    shelf.clear();
    taken.clear();
    unplaced.clear();
    pullers.clear();
    streamed = true;
  }

  function tell(): void {
    const { state, detail } = health.verdict();
    if (state === "off-air") setState(state, "The source has ended its stream.");
    else setState(state, detail);
  }

  function setState(state: ReturnType<typeof media.state>, detail?: string): void {
    const before = media.state();
    media.setState(state, detail);
    if (state === before) return;
    platform.log({
      level: "info",
      code: `channel-${state}`,
      message: `${name}: ${detail ?? state}`,
    });
  }

  function offer(url: string, playlist: Playlist): void {
    if (playlist.type === "master") return open(readCatalog(playlist, url));
    const lane = lanes.find(({ source }) => source.url === url);
    if (lane) return lane.offer(playlist);
    if (unplaced.size < MAX_UNPLACED) unplaced.set(url, playlist);
    if (lanes.length > 0) return;
    cancelMasterWait ??= platform.after(MASTER_WAIT_MS, () => {
      cancelMasterWait = undefined;
      const [first] = unplaced.keys();
      if (lanes.length === 0 && first !== undefined) open(singleRendition(first));
    });
  }

  /** The source has been heard of. */
  function touch(): void {
    cancelSilence();
    cancelSilence = platform.after(SILENT_MS, () => {
      if (media.state() === "off-air") return;
      setState("upstream-down", "Nothing has come from the source for some seconds.");
      cancelSilence = platform.after(GONE_MS - SILENT_MS, () => {
        setState("off-air", "The source has been silent for a minute.");
      });
    });
  }

  async function put(path: string, request: Request): Promise<Response> {
    touch();
    const { bytes, before } = await shelf.put(path, request.body);
    touch();
    let upload;
    try {
      upload = readUpload(path, bytes);
    } catch (error) {
      shelf.delete(path);
      throw error;
    }
    if (upload.type === "playlist") {
      shelf.delete(path);
      offer(shelfUrl(path), upload.playlist);
    } else if (upload.type === "manifest") {
      shelf.delete(path);
      const { master, media } = upload.manifest;
      offer(shelfUrl(path), master);
      for (const { uri, playlist } of media) offer(resolveUri(uri, shelfUrl(path)), playlist);
    } else {
      if (before && taken.has(path) && !sameBytes(before, bytes)) restart();
      for (const lane of lanes) lane.look();
    }
    return new Response(null, { status: before ? 204 : 201 });
  }

  /** Resolves when the stream of `id` has ended, for whatever reason. */
  async function receive(id: string, request: Request): Promise<void> {
    await stream.cease();
    await close();
    streaming = id;
    touch();
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
    setState("upstream-down", "The source has left; it may come back.");
    cancelSilence();
    cancelSilence = platform.after(
      RETURN_MS,
      () => setState("off-air", "The source has ended its stream."),
    );
  }

  async function refuse(request: Request, error: IngestError): Promise<Response> {
    await request.body?.cancel().catch(() => {});
    const { code, message } = error;
    platform.log({ level: "warn", code, message: `${name}: ${message}` });
    return error.toResponse();
  }

  /** What was put before comes again, and is something else. */
  function restart(): void {
    taken.clear();
    for (const lane of lanes) lane.restart();
  }

  return {
    name,
    title,
    handle: () => {},
    respond: (path, request) => media.respond(path, request),
    listen: (request) => Promise.resolve(media.listen(request)),
    async ingest(path, request, from) {
      try {
        tenure.claim(from);
        await stream.cease();
        if (request.method === "DELETE") {
          taken.delete(path);
          shelf.delete(path);
          return new Response(null, { status: 204 });
        }
        return await put(path, request);
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
          cancelSilence();
          setState("off-air", error instanceof CodedError ? error.message : undefined);
        }
        if (!(error instanceof CodedError)) throw error;
        return await refuse(request, streamRefusal(error));
      }
    },
    retitle: (title) => stream.retitle(title),
    stats: media.stats,
    async stop() {
      stopped = true;
      opening.abort();
      cancelMasterWait?.();
      renditions.end();
      await stream.cease();
      cancelSilence();
      await Promise.all(lanes.map((lane) => lane.idle()));
      shelf.clear();
    },
  };
}
