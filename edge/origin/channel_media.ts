import { createChangeSignal } from "../media/stream/change_signal.ts";
import type { LineUnit } from "../media/stream/stream_line.ts";
import type { ChannelDescription, ChannelState } from "../protocol/channel.ts";
import type { Platform } from "../platform/platform.ts";
import type { OriginStats } from "./channel_origin.ts";
import { createRouter, type Served } from "./channel_routes.ts";
import type { OriginEvent } from "./events.ts";
import { createLiveWindow, type LiveWindow } from "./live_window.ts";
import { createPublisher, type SourceSegment } from "./publisher.ts";
import { type Station, stationHeaders } from "./radio/station.ts";
import { createTitles, type Titles } from "../media/stream/titles.ts";
import { createByteLine } from "./stream/byte_line.ts";
import { createChannelLine } from "./stream/channel_line.ts";
import { createStreamRoute } from "./stream/stream_route.ts";
import { createWindowLine } from "./stream/window_line.ts";
import { createTraffic } from "./traffic.ts";

/** What every source of a channel shares: its window, its description, its state, its answers. */
export interface ChannelMedia {
  readonly window: LiveWindow;
  readonly titles: Titles;
  /** Keeps what the source says of itself. */
  introduce(station: Station): void;
  /** Resolves when the segment is in the window and announced. */
  publish(segment: SourceSegment): Promise<void>;
  /** Keeps an init segment under its path, for as long as descriptions name it. */
  keepInit(path: string, bytes: Uint8Array<ArrayBuffer>): void;
  /** Announces the description if it is another one. */
  describe(description: ChannelDescription): void;
  description(): ChannelDescription | undefined;
  /** Announces the state if it is another one; `detail` is for people. */
  setState(state: ChannelState, detail?: string): void;
  state(): ChannelState;
  /** Answers a request from what is held; see `ChannelOrigin.respond`. */
  respond(path: string, request: Request): Promise<Response>;
  /** See `ChannelOrigin.read`. */
  read(path: string): Uint8Array<ArrayBuffer> | undefined;
  /** Answers a request of the endless stream; see `ChannelOrigin.listen`. */
  listen(request: Request): Promise<Response>;
  /** A part of a unit that is not whole yet, for those who listen to the endless stream. */
  grow(rendition: number, unit: LineUnit, bytes: Uint8Array<ArrayBuffer>): void;
  stats(): OriginStats;
}

export function createChannelMedia(
  { name, title, platform, state: initial, emit, listened, forming }: {
    name: string;
    title: string;
    platform: Platform;
    state: ChannelState;
    emit: (event: OriginEvent) => void;
    /** Called whenever somebody who listens to the endless stream gets some of it. */
    listened?: () => void;
    /** See `Served`. */
    forming?: Served["forming"];
  },
): ChannelMedia {
  const window = createLiveWindow();
  const inits = new Map<string, Uint8Array<ArrayBuffer>>();
  const traffic = createTraffic();
  const titles = createTitles();
  let station: Station = {};
  const seal = createPublisher({ channel: name, window, emit });
  /** Names the counting of bytes in this run of the edge; each rendition has one of its own. */
  const firstLife = Math.floor(platform.random() * 2 ** 32);
  /** Of the main renditions, by their ids. */
  const lines = new Map<number, ReturnType<typeof openLine>>();
  const changes = createChangeSignal();
  let description: ChannelDescription | undefined;
  let state = initial;
  let detail: string | undefined;
  let sinceMs: number | undefined;

  const respond = createRouter({
    window,
    inits,
    traffic,
    ...(forming ? { forming } : {}),
    description: () => description,
    ended: () => state === "off-air",
    now: platform.now,
    problem: () => detail,
  });

  const ended = () => state === "off-air";
  const listen = createStreamRoute({
    title,
    line: (id) => lineOf(id).read,
    units: (id) => window.newest(id, Infinity).map(({ entry }) => entry),
    description: () => description,
    station: () => stationHeaders(station),
    titleAt: titles.at,
    ended,
    problem: () => detail,
    count(bytes, begins) {
      traffic.flow("streams", bytes, begins);
      listened?.();
    },
  }, { platform, changes });

  function lineOf(id: number) {
    const line = lines.get(id) ?? openLine(id);
    lines.set(id, line);
    return line;
  }

  function openLine(id: number) {
    const line = createByteLine();
    const life = (firstLife + id) % 2 ** 32;
    return {
      line,
      read: createWindowLine({ line, life, changes, ended }),
      write: createChannelLine({
        id,
        line,
        life,
        window,
        init: (path) => inits.get(path),
        description: () => description,
        platform,
      }),
    };
  }

  async function publish(segment: SourceSegment): Promise<void> {
    const { rendition } = segment.unit;
    const { kind } = description!.renditions.find(({ id }) => id === rendition)!;
    const placed = kind === "main" ? await lineOf(rendition).write.place(segment) : undefined;
    const entry = await seal({ ...segment, ...placed?.says });
    if (kind === "audio") { for (const { write } of lines.values()) write.heard(entry); }
    placed?.announced(entry);
    changes.raise();
  }

  function nowPlaying(): { playing?: string } {
    const playing = titles.newest();
    return playing ? { playing } : {};
  }

  return {
    window,
    titles,
    introduce: (next) => void (station = next),
    publish,
    respond,
    read: (path) => window.byUri(path)?.bytes ?? inits.get(path),
    listen,
    grow(rendition, unit, bytes) {
      lineOf(rendition).line.grow(unit, bytes);
      changes.raise();
    },
    keepInit: (path, bytes) => void inits.set(path, bytes),
    describe(next) {
      if (JSON.stringify(next) === JSON.stringify(description)) return;
      const before = description ? initPaths(description) : [];
      const now = new Set(initPaths(next));
      for (const path of before) if (!now.has(path)) inits.delete(path);
      description = next;
      for (const { id, kind } of next.renditions) if (kind === "main") lineOf(id);
      emit({ type: "described", channel: name, description: next });
    },
    description: () => description,
    setState(next, why) {
      if (next === state && why === detail) return;
      if (next === "on-air") sinceMs ??= platform.now();
      else if (next !== "upstream-down") sinceMs = undefined;
      state = next;
      detail = why;
      changes.raise();
      emit({
        type: "state",
        channel: name,
        state: next,
        ...(why === undefined ? {} : { detail: why }),
      });
    },
    state: () => state,
    stats: () => ({
      state,
      ...(detail === undefined ? {} : { detail }),
      ...(sinceMs === undefined ? {} : { sinceMs }),
      station: { ...station, ...nowPlaying() },
      window: window.size(),
      sent: { ...traffic.sent },
      requests: { ...traffic.requests },
    }),
  };
}

function initPaths(description: ChannelDescription): string[] {
  return description.renditions.flatMap(({ inits }) => inits.map(({ uri }) => uri));
}
