/** An edge with hand-made channels, answering without a socket. */
import { createEdge, type Edge, type EdgeOptions } from "../../../edge/app.ts";
import type { ChannelSource } from "../../../edge/channels/source.ts";
import type {
  ChannelOrigin,
  OriginStats,
  SourceWords,
} from "../../../edge/origin/channel_origin.ts";
import type { OriginEvent, SwarmEvent } from "../../../edge/origin/events.ts";
import { createFakePlatform, type FakeOptions, type FakePlatform } from "../fake_platform.ts";

/** A channel whose media is three bytes, and that keeps what the swarm tells it. */
export interface FakeChannel extends ChannelSource {
  /** What the swarm has told. */
  readonly told: SwarmEvent[];
  /** Paths that were asked for, with the method before them. */
  readonly asked: string[];
  /** Has the origin say something. */
  emit(event: OriginEvent): void;
  stats: OriginStats;
  /** What its source says of itself. */
  words: SourceWords;
  readonly stopped: boolean;
}

const STATS: OriginStats = {
  state: "on-air",
  sinceMs: 1_000,
  window: { segments: 3, bytes: 300, newest: 9 },
  sent: { segments: 100, ranges: 20, inits: 5, playlists: 7, streams: 9 },
  requests: { segments: 4, ranges: 3, inits: 2, playlists: 1, streams: 1 },
};

export function fakeChannel(
  name: string,
  title = `The ${name} channel`,
  poster?: string,
): FakeChannel {
  let emit: ((event: OriginEvent) => void) | undefined;
  const channel = {
    name,
    title,
    ...(poster === undefined ? {} : { poster }),
    told: [] as SwarmEvent[],
    asked: [] as string[],
    stats: STATS,
    words: {},
    stopped: false,
    emit: (event: OriginEvent) => emit!(event),
    open(context: { emit: (event: OriginEvent) => void }): ChannelOrigin {
      emit = context.emit;
      return {
        name,
        title,
        handle: (event) => void channel.told.push(event),
        respond(path, request) {
          channel.asked.push(`${request.method} ${path}`);
          if (path === "broken") throw new Error("secret detail");
          return Promise.resolve(
            new Response(request.method === "HEAD" ? null : "abc", {
              headers: { "Content-Length": "3", "Content-Type": "video/mp4" },
            }),
          );
        },
        words: () => channel.words,
        listen: () => Promise.resolve(new Response("endless")),
        stats: () => channel.stats,
        stop() {
          channel.stopped = true;
          return Promise.resolve();
        },
      };
    },
  };
  return channel;
}

const text = (content: string) => new TextEncoder().encode(content);

/** What a build makes, in small. */
export const BUILT: Record<string, Uint8Array<ArrayBuffer>> = {
  "tributary.js": text(`console.log("${"tag ".repeat(400)}")`),
  "sw.js": text("// worker"),
  "panel.js": text("// panel"),
  "share/sharing.js": text("// sharing"),
  "share/later-0A1B2C3D.js": text("// later"),
  "site/portal.html": text("<h1>Portal</h1>"),
  "site/watch.html": text(
    "<title>{{title}}</title><b data-state={{state}}>{{channel}}</b>{{other}}",
  ),
  "site/embed.html": text("<title>{{title}}</title>{{channel}}"),
  "site/lost.html": text("<h1>{{heading}}</h1>{{text}}"),
  "site/site.css": text("body{}"),
  "site/icon.svg": text("<svg/>"),
  "demo/poster.jpg": text("JPEG"),
};

export interface TestEdge extends Edge {
  readonly platform: FakePlatform;
}

export function openEdge(
  channels: readonly FakeChannel[] = [],
  options: Omit<EdgeOptions, "channels"> & FakeOptions = {},
): TestEdge {
  const platform = createFakePlatform({ assets: BUILT, ...options });
  return { ...createEdge(platform, { channels, ...options }), platform };
}
