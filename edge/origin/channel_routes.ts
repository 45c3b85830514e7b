import { firstPicture } from "../media/mp4_still.ts";
import { initUriOf, writeMasterPlaylist } from "../media/playlist_write.ts";
import { encodeHex } from "@std/encoding";
import { isForHls, MEDIA_TYPES, PLAYLIST_TYPE } from "../media/media_types.ts";
import type { ChannelDescription, Rendition } from "../protocol/channel.ts";
import { digest } from "../protocol/digest_list.ts";
import { channelManifest } from "./manifest.ts";
import { errorResponse } from "./error_response.ts";
import type { LiveWindow } from "./live_window.ts";
import { IMMUTABLE, mediaResponse, PASSING, type Representation } from "./media_response.ts";
import { renditionPlaylist } from "./rendition_playlist.ts";
import { uriOf } from "./publisher.ts";
import type { createTraffic, TrafficKind } from "./traffic.ts";

/** What the paths below a channel's base are answered from. */
export interface Served {
  readonly window: LiveWindow;
  /** By path. */
  readonly inits: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  readonly traffic: ReturnType<typeof createTraffic>;
  description(): ChannelDescription | undefined;
  /** A segment that comes next and is not whole yet, as it comes; errors if it never will be. */
  forming?(
    rendition: number,
    sequence: number,
  ): ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  /** No segment will follow. */
  ended(): boolean;
  /** ms since 1970 */
  now(): number;
  /** Why there is no media, for people. */
  problem(): string | undefined;
}

const SEGMENT_PATH = /^r(\d{1,3})\/(\d{1,15})\.\w+$/;
/** One picture of what is on air just now, as an MP4. */
const STILL = "still.mp4";
/** How long a player that came too early shall wait, s. */
const RETRY_SECONDS = "2";

/** Answers GET and HEAD below a channel's base. */
export function createRouter(
  served: Served,
): (path: string, request: Request) => Promise<Response> {
  const { window, inits, traffic } = served;

  return async function respond(path, request) {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return errorResponse(405, {
        code: "method-not-allowed",
        message: `Media is read with GET or HEAD, not ${request.method}.`,
        hint: "Use GET.",
      }, { Allow: "GET, HEAD" });
    }
    if (path.endsWith(".m3u8")) return await playlist(path, request);
    if (path === "manifest.mpd") return await manifest(request);
    const found = segment(path) ?? digests(path) ?? await init(path) ?? await still(path);
    if (found) return answer(found.kind, request, found.media);
    return forming(path, request) ?? absent(path);
  };

  function answer(kind: TrafficKind, request: Request, media: Representation): Response {
    const response = mediaResponse(request, media);
    traffic.count(kind, response);
    return response;
  }

  async function playlist(path: string, request: Request): Promise<Response> {
    const description = served.description();
    if (!description) return notYet(served.problem());
    const isMaster = description.master && path === "index.m3u8";
    const rendition = isMaster ? undefined : renditionAt(description, path);
    if (!isMaster && !rendition) return absent(path);
    if (rendition && !isForHls(rendition.container)) {
      return notForHls(description.name, rendition.container);
    }
    const text = rendition
      ? mediaPlaylist(description, rendition, path)
      : writeMasterPlaylist(description, (below) => below);
    if (text === undefined) return notYet(served.problem());
    const bytes = new TextEncoder().encode(text);
    return answer("playlists", request, {
      bytes,
      contentType: PLAYLIST_TYPE,
      etag: await hashTag(bytes),
      cacheControl: PASSING,
    });
  }

  async function manifest(request: Request): Promise<Response> {
    const description = served.description();
    if (!description) return notYet(served.problem());
    const foreign = description.renditions.find(({ container }) => container !== "fmp4");
    if (foreign) return notForDash(foreign.container);
    const { window, inits, now, ended } = served;
    const text = channelManifest({ window, inits, description, nowMs: now(), ended: ended() });
    if (text === undefined) return notYet(served.problem());
    const bytes = new TextEncoder().encode(text);
    return answer("playlists", request, {
      bytes,
      contentType: "application/dash+xml",
      etag: await hashTag(bytes),
      cacheControl: PASSING,
    });
  }

  function mediaPlaylist(
    { targetDurationMs }: ChannelDescription,
    rendition: Rendition,
    path: string,
  ): string | undefined {
    const from = path.slice(0, path.lastIndexOf("/") + 1);
    return renditionPlaylist({
      window,
      rendition,
      targetDurationMs,
      from,
      endList: served.ended(),
    });
  }

  function segment(path: string) {
    const held = window.byUri(path);
    if (!held) return undefined;
    const { unit, root } = held.entry;
    const rendition = served.description()?.renditions.find((one) => one.id === unit.rendition);
    return {
      kind: "segments" as const,
      media: {
        bytes: held.bytes,
        contentType: MEDIA_TYPES[rendition?.container ?? "fmp4"],
        etag: `"${encodeHex(root)}"`,
        cacheControl: IMMUTABLE,
      },
    };
  }

  /** Of what is not whole no range is known, and nothing may be kept. */
  function forming(path: string, request: Request): Response | undefined {
    const [, rendition, sequence] = SEGMENT_PATH.exec(path) ?? [];
    const unit = { rendition: Number(rendition), sequence: Number(sequence) };
    const container = served.description()?.renditions
      .find(({ id }) => id === unit.rendition)?.container;
    if (!container || path !== uriOf(unit, container)) return undefined;
    const body = served.forming?.(unit.rendition, unit.sequence);
    if (!body) return undefined;
    const headers = { "Content-Type": MEDIA_TYPES[container], "Cache-Control": PASSING };
    if (request.method === "HEAD") return new Response(null, { headers });
    traffic.flow("segments", 0, true);
    const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(part, controller) {
        traffic.flow("segments", part.length, false);
        controller.enqueue(part);
      },
    });
    return new Response(body.pipeThrough(counted), { headers });
  }

  /** Digest lists are small and travel for the sake of ranges: they count as such. */
  function digests(path: string) {
    const key = /^digests\/([\d.]+)$/.exec(path)?.[1];
    const held = key === undefined ? undefined : window.byUnit(key);
    if (!held) return undefined;
    return {
      kind: "ranges" as const,
      media: {
        bytes: held.digests,
        contentType: "application/octet-stream",
        etag: `"${encodeHex(held.entry.root)}"`,
        cacheControl: IMMUTABLE,
      },
    };
  }

  async function init(path: string) {
    const bytes = inits.get(path);
    if (!bytes) return undefined;
    const { renditions } = served.description()!;
    const rendition = renditions.find((one) => one.inits.some(({ uri }) => uri === path));
    return {
      kind: "inits" as const,
      media: {
        bytes,
        contentType: MEDIA_TYPES[rendition?.container ?? "fmp4"],
        etag: await hashTag(bytes),
        cacheControl: IMMUTABLE,
      },
    };
  }

  /** The newest picture that can be shown alone; of the rendition that takes the fewest bytes for it. */
  async function still(path: string) {
    if (path !== STILL) return undefined;
    const stills = (served.description()?.renditions ?? []).flatMap((rendition) => {
      const newest = window.newest(rendition.id, 1)[0];
      const initUri = newest && initUriOf(rendition, newest.entry.unit.epoch);
      const initBytes = initUri === undefined ? undefined : inits.get(initUri);
      return newest && initBytes ? firstPicture(initBytes, newest.bytes) ?? [] : [];
    });
    const bytes = stills.sort((a, b) => a.length - b.length)[0];
    if (!bytes) return undefined;
    return {
      // Like an init segment it is no part of what viewers report as received.
      kind: "inits" as const,
      media: {
        bytes,
        contentType: MEDIA_TYPES.fmp4,
        etag: await hashTag(bytes),
        cacheControl: PASSING,
      },
    };
  }

  function absent(path: string): Response {
    const match = SEGMENT_PATH.exec(path);
    const held = match ? window.newest(Number(match[1]), Infinity) : [];
    const [oldest, newest] = [held[0]?.entry.unit.sequence, held.at(-1)?.entry.unit.sequence];
    if (oldest === undefined || newest === undefined) {
      return errorResponse(404, {
        code: "media-not-found",
        message: `This channel has nothing at ${path.slice(0, 100)}.`,
        hint: "Start from index.m3u8 and follow the addresses in it.",
      });
    }
    const gone = Number(match![2]) < newest;
    return errorResponse(404, {
      code: gone ? "segment-gone" : "segment-not-yet",
      message: gone
        ? `Segment ${match![2]} has left the live window.`
        : `Segment ${match![2]} is not there yet.`,
      hint: `The window holds ${oldest} to ${newest}: load the playlist again.`,
    });
  }
}

/** A rendition has its playlist in its own folder too, where it is the channel's only one. */
function renditionAt({ renditions }: ChannelDescription, path: string): Rendition | undefined {
  return renditions.find(({ id, playlist }) => playlist === path || path === `r${id}/index.m3u8`);
}

async function hashTag(bytes: Uint8Array): Promise<string> {
  return `"${encodeHex(await digest(bytes))}"`;
}

function notForDash(container: string): Response {
  return errorResponse(404, {
    code: "not-for-dash",
    message: `This channel is ${container.toUpperCase()}, which DASH players do not play.`,
    hint: "Take index.m3u8, or send the channel as fragmented MP4.",
  });
}

function notForHls(name: string, container: string): Response {
  return errorResponse(404, {
    code: "not-for-hls",
    message: `This channel is ${container.toUpperCase()}, which HLS does not carry.`,
    hint: `Play /stream/${name} instead: one endless stream.`,
  });
}

function notYet(problem: string | undefined): Response {
  return errorResponse(503, {
    code: "channel-not-ready",
    message: problem ?? "The channel has no media yet.",
    hint: `Try again in ${RETRY_SECONDS} seconds.`,
  }, { "Retry-After": RETRY_SECONDS });
}
