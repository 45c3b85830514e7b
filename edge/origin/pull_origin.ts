import type { Platform } from "../platform/platform.ts";
import { createChannelMedia } from "./channel_media.ts";
import type { ChannelOrigin } from "./channel_origin.ts";
import type { OriginEvent } from "./events.ts";
import { createInterest } from "./interest.ts";
import { pause } from "./pause.ts";
import { createPullers } from "./pullers.ts";
import { createPullHealth } from "./pull_health.ts";
import { runPullSession } from "./pull_session.ts";
import { createUpstream } from "./pull_upstream.ts";
import { createRenditionSet } from "./rendition_set.ts";

/** Without viewers for so long, the upstream is left alone, ms. */
const LINGER_MS = 30_000;
/** After so long a pause what is in the window is no longer live, ms. */
const STALE_MS = 60_000;
/** How long a playlist is waited for while the first segments come, ms. */
const PLAYLIST_WAIT_MS = 8_000;

/** One time of being watched. */
interface Session {
  readonly abort: AbortController;
  /** Aborted when playlists can be served: nobody waits any longer. */
  readonly waiting: AbortController;
  readonly health: ReturnType<typeof createPullHealth>;
}

/**
 * A channel whose media comes from someone else's live HLS. It is pulled while somebody watches,
 * every segment once, however many viewers there are. The upstream's address stays here.
 */
export function createPullOrigin({ name, title, url, platform, emit }: {
  name: string;
  title: string;
  /** Of a media or a master playlist. */
  url: string;
  platform: Platform;
  emit: (event: OriginEvent) => void;
}): ChannelOrigin {
  const media = createChannelMedia({
    name,
    title,
    platform,
    state: "idle",
    emit,
    listened: () => interest.touch(),
  });
  const upstream = createUpstream(platform);
  const renditions = createRenditionSet({ name, title, media });
  const pullers = createPullers({ name, platform, upstream, media, renditions });
  let viewers = 0;
  let session: Session | undefined;
  let idleSinceMs = platform.now();
  let lastRun: Promise<void> = Promise.resolve();

  const interest = createInterest({
    platform,
    lingerMs: LINGER_MS,
    begin() {
      const begun = openSession();
      session = begun;
      if (platform.now() - idleSinceMs > STALE_MS) media.window.clear();
      media.setState("starting");
      lastRun = lastRun.then(() => run(begun));
    },
    end() {
      close();
      idleSinceMs = platform.now();
      media.setState("idle");
    },
  });

  function openSession(): Session {
    return {
      abort: new AbortController(),
      waiting: new AbortController(),
      health: createPullHealth(),
    };
  }

  function close(): void {
    session?.abort.abort();
    session?.waiting.abort();
    renditions.end();
    session = undefined;
  }

  function run(current: Session): Promise<void> {
    const { health, waiting, abort: { signal } } = current;
    return runPullSession({
      url,
      platform,
      upstream,
      watched: () => viewers > 0,
      opened(catalog) {
        renditions.begin(catalog.map(({ id }) => id));
        health.expect(catalog);
        return catalog.map(pullers.resume);
      },
      polled(id, what) {
        if (signal.aborted) return;
        health.note(id, what);
        if (id !== undefined && what.type !== "media") renditions.excuse(id);
        if (health.ready()) waiting.abort();
        tell(health.verdict());
      },
    }, signal);
  }

  function tell({ state, detail }: ReturnType<Session["health"]["verdict"]>): void {
    const before = media.state();
    media.setState(state, detail);
    if (state === before) return;
    const level = state === "upstream-down" ? "warn" : "info";
    platform.log({ level, code: `channel-${state}`, message: `${name}: ${detail ?? state}` });
  }

  /** Gives a session that has just begun some time to have something to play. */
  async function awaitMedia(): Promise<void> {
    interest.touch();
    if (session) await pause(platform, PLAYLIST_WAIT_MS, session.waiting.signal);
  }

  return {
    name,
    title,
    handle(event) {
      viewers = event.count;
      interest.watchers(event.count);
    },
    read: media.read,
    async respond(path, request) {
      if (/^(r\d{1,3}\/)?index\.m3u8$/.test(path)) await awaitMedia();
      return await media.respond(path, request);
    },
    async listen(request) {
      await awaitMedia();
      return await media.listen(request);
    },
    stats: () => ({ ...media.stats(), upstream: upstream.stats() }),
    async stop() {
      interest.stop();
      close();
      await lastRun;
    },
  };
}
