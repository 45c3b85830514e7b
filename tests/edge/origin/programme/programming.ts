import { mediaResponse } from "../../../../edge/origin/media_response.ts";
import { createProgrammeFiles } from "../../../../edge/origin/programme/programme_files.ts";
import { createProgrammeOrigin } from "../../../../edge/origin/programme/programme_origin.ts";
import { loadSchedule } from "../../../../edge/origin/programme/schedule_keeper.ts";
import { createFakePlatform, type FakeOptions, turn } from "../../fake_platform.ts";
import { readMedia } from "../../media/reading.ts";
import { createEventLog } from "../event_log.ts";

/** Files on a server, by path. */
export type Site = Map<string, Uint8Array<ArrayBuffer> | string>;

export const SITE = "http://files.test";
const SCHEDULE = `${SITE}/tv.json`;

/** A programme channel in front of a static server. */
export async function programming(
  site: Site,
  { asked = [], ...options }: FakeOptions & { asked?: string[] } = {},
) {
  const log = createEventLog();
  const platform = createFakePlatform({
    async fetch(input, init) {
      await turn();
      const request = new Request(input, init);
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      const file = site.get(pathname);
      if (file === undefined) return new Response("There is no such file.", { status: 404 });
      const bytes = typeof file === "string" ? new TextEncoder().encode(file) : file;
      const etag = `"${bytes.length}-${bytes.at(-20)}"`;
      const contentType = "application/octet-stream";
      return mediaResponse(request, { bytes, etag, contentType, cacheControl: "no-cache" });
    },
    ...options,
  });
  const files = createProgrammeFiles(platform);
  const { signal } = new AbortController();
  const first = (await loadSchedule({ files, url: SCHEDULE, signal }))!;
  const origin = createProgrammeOrigin({
    name: "tv",
    title: "TV",
    url: SCHEDULE,
    first,
    files,
    platform,
    emit: log.emit,
  });
  const get = (path: string) =>
    origin.respond(path, new Request(`http://edge.test/live/tv/${path}`));

  return {
    log,
    platform,
    origin,
    asked,
    watch: (count = 1) => origin.handle({ type: "watchers", channel: "tv", count }),
    entries: () => log.entries(),
    playing: () => origin.stats().station?.playing,
    async bytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
      return new Uint8Array(await (await get(path)).arrayBuffer());
    },
    playlist: async () => readMedia(await (await get("index.m3u8")).text()),
    /** Lets what is under way go on until `condition` holds; the clock stands still. */
    async until(condition: () => boolean): Promise<void> {
      while (!condition()) await turn();
    },
    /** Moves the clock on in steps until `condition` holds; fails after five simulated minutes. */
    async advanceUntil(condition: () => boolean): Promise<void> {
      for (let step = 0; !condition(); step++) {
        if (step > 1_200) throw new Error("it did not come true in five minutes");
        await platform.advance(250);
        for (let turns = 0; turns < 40 && !condition(); turns++) await turn();
      }
    },
  };
}
