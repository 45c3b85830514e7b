import type { MediaPlaylist } from "../../../edge/media/playlist.ts";
import { createPullOrigin } from "../../../edge/origin/pull_origin.ts";
import { createFakePlatform, type FakeOptions, turn } from "../fake_platform.ts";
import { readMedia } from "../media/reading.ts";
import { createEventLog } from "./event_log.ts";
import { createScriptedUpstream } from "./scripted_upstream.ts";

/** A pulled channel in front of a scripted upstream. */
export function pulling(options: FakeOptions & { path?: string; url?: string } = {}) {
  const upstream = createScriptedUpstream();
  const log = createEventLog();
  const platform = createFakePlatform({ fetch: upstream.fetch, ...options });
  const origin = createPullOrigin({
    name: "news",
    title: "News",
    url: options.url ?? `http://upstream.test${options.path ?? "/live.m3u8"}?token=secret`,
    platform,
    emit: log.emit,
  });

  const get = (path: string, init?: RequestInit) =>
    origin.respond(path, new Request(`http://edge.test/live/news/${path}`, init));

  return {
    upstream,
    log,
    platform,
    origin,
    get,
    watch: (count = 1) => origin.handle({ type: "watchers", channel: "news", count }),
    text: async (path: string) => await (await get(path)).text(),
    async media(path: string): Promise<MediaPlaylist> {
      return readMedia(await (await get(path)).text());
    },
    sequences: (rendition = 0) => log.entries(rendition).map(({ unit }) => unit.sequence),
    epochs: (rendition = 0) => log.entries(rendition).map(({ unit }) => unit.epoch),
    /** Lets what is under way go on until `condition` holds; the clock stands still. */
    async until(condition: () => boolean): Promise<void> {
      while (!condition()) await turn();
    },
    /** Moves the clock on in steps until `condition` holds; fails after a simulated ten minutes. */
    async advanceUntil(condition: () => boolean, stepMs = 250): Promise<void> {
      for (let step = 0; !condition(); step++) {
        if (step * stepMs > 600_000) throw new Error("it did not come true in ten minutes");
        await platform.advance(stepMs);
        for (let turns = 0; turns < 20 && !condition(); turns++) await turn();
      }
    },
  };
}
