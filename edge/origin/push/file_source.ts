import type { MediaPlaylist, Playlist } from "../../media/playlist.ts";
import type { Platform } from "../../platform/platform.ts";
import type { ChannelState } from "../../protocol/channel.ts";
import { sameBytes } from "../../protocol/bytes.ts";
import type { ChannelMedia } from "../channel_media.ts";
import { createPullers } from "../pullers.ts";
import { createPullHealth } from "../pull_health.ts";
import { resolveUri } from "../pull_upstream.ts";
import { createRenditionSet } from "../rendition_set.ts";
import { readCatalog, singleRendition, type SourceRendition } from "../upstream_catalog.ts";
import { createPushLane, type PushLane } from "./push_lane.ts";
import { createShelf } from "./shelf.ts";
import { shelfUpstream, shelfUrl } from "./shelf_upstream.ts";
import { readUpload, type Upload } from "./uploads.ts";

/** How long a media playlist waits for the master playlist that may go with it, ms: ffmpeg writes that last. */
const MASTER_WAIT_MS = 1_500;
/** Playlists that no master playlist has named yet. */
const MAX_UNPLACED = 64;

/** A source that puts the files of HLS or DASH, as `ffmpeg -f hls -method PUT` does. */
export interface FileSource {
  /** Takes a file. Throws a `CodedError`. */
  put(path: string, request: Request): Promise<Response>;
  delete(path: string): void;
  /** The segment that comes next in a rendition, if it has this number and is being put just now; as it comes. */
  forming(rendition: number, sequence: number): ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  /** Lets go of all files: a stream comes in their place, and numbers its segments after theirs. */
  close(): Promise<void>;
  stop(): Promise<void>;
}

export function createFileSource({ name, title, platform, media, heard, setState }: {
  name: string;
  title: string;
  platform: Platform;
  media: ChannelMedia;
  /** Called when something comes. */
  heard: () => void;
  setState: (state: ChannelState, detail?: string) => void;
}): FileSource {
  const renditions = createRenditionSet({ name, title, media });
  const health = createPullHealth();
  const shelf = createShelf();
  /** Aborted when the source has other renditions, or at the end. */
  let opening = new AbortController();
  /** Files that segments were made of since the source last began. */
  let taken = new WeakSet<Uint8Array>();
  const upstream = shelfUpstream(shelf, (file) => taken.add(file));
  const pullers = createPullers({ name, platform, upstream, media, renditions });
  const unplaced = new Map<string, MediaPlaylist>();
  let lanes: PushLane[] = [];
  let cancelMasterWait: (() => void) | undefined;
  /** Since files were sent last, a stream has numbered its segments in their place. */
  let streamed = false;

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
      const puller = pullers.resume(source);
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

  function tell(): void {
    const { state, detail } = health.verdict();
    if (state === "off-air") setState(state, "The source has ended its stream.");
    else setState(state, detail);
  }

  function offer(url: string, playlist: Playlist): void {
    if (playlist.type === "master") return open(readCatalog(playlist, url));
    const lane = lanes.find(({ source }) => source.url === url);
    if (lane) return lane.offer(playlist);
    if (unplaced.size < MAX_UNPLACED) unplaced.set(url, playlist);
    cancelMasterWait ??= platform.after(MASTER_WAIT_MS, () => {
      cancelMasterWait = undefined;
      const [first] = unplaced.keys();
      if (lanes.length === 0 && first !== undefined) open(singleRendition(first));
    });
  }

  async function put(path: string, request: Request): Promise<Response> {
    heard();
    let upload!: Upload;
    const { bytes, before } = await shelf.put(path, request.body, (bytes) => {
      heard();
      upload = readUpload(path, bytes);
    });
    if (upload.type === "playlist") {
      shelf.delete(path);
      offer(shelfUrl(path), upload.playlist);
    } else if (upload.type === "manifest") {
      shelf.delete(path);
      const { master, media } = upload.manifest;
      offer(shelfUrl(path), master);
      for (const { uri, playlist } of media) offer(resolveUri(uri, shelfUrl(path)), playlist);
    } else {
      if (before && taken.has(before) && !sameBytes(before, bytes)) restart();
      for (const lane of lanes) lane.look();
    }
    return new Response(null, { status: before ? 204 : 201 });
  }

  /** What was put before comes again, and is something else. */
  function restart(): void {
    taken = new WeakSet();
    for (const lane of lanes) lane.restart();
  }

  return {
    put,
    delete: (path) => void shelf.delete(path),
    forming(rendition, sequence) {
      const next = lanes.find(({ source }) => source.id === rendition)?.next();
      return next?.sequence === sequence ? shelf.stream(next.path) : undefined;
    },
    async close() {
      opening.abort();
      opening = new AbortController();
      cancelMasterWait?.();
      cancelMasterWait = undefined;
      renditions.end();
      const before = lanes;
      lanes = [];
      await Promise.all(before.map((lane) => lane.idle()));
      shelf.clear();
      unplaced.clear();
      pullers.clear();
      streamed = true;
    },
    async stop() {
      opening.abort();
      cancelMasterWait?.();
      renditions.end();
      await Promise.all(lanes.map((lane) => lane.idle()));
      shelf.clear();
    },
  };
}
