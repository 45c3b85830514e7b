import type { Contributor } from "../../../../edge/origin/channel_origin.ts";
import { createPushOrigin } from "../../../../edge/origin/push/push_origin.ts";
import { createFakePlatform, type FakeOptions, turn } from "../../fake_platform.ts";
import { readMedia } from "../../media/reading.ts";
import { createEventLog } from "../event_log.ts";
import { tsSegment } from "../scripted_upstream.ts";

const PATIENCE_MS = 10_000;

export const SOURCE: Contributor = { id: "encoder 10.0.0.1", takesOver: false };

/** A channel that a scripted source puts HLS on. */
export function sending(options: FakeOptions = {}) {
  const log = createEventLog();
  const platform = createFakePlatform(options);
  const origin = createPushOrigin({ name: "cam", title: "Cam", platform, emit: log.emit });

  function send(method: string, path: string, body?: BodyInit, from = SOURCE): Promise<Response> {
    const init = { method, ...(body === undefined ? {} : { body }) };
    return origin.ingest!(path, new Request(`http://edge.test/ingest/cam/${path}`, init), from);
  }
  const put = (path: string, body: BodyInit, from = SOURCE) => send("PUT", path, body, from);

  async function until(condition: () => boolean): Promise<void> {
    const beganMs = performance.now();
    while (!condition()) {
      // Hashes are made in other threads, which a busy machine lets wait.
      if (performance.now() - beganMs > PATIENCE_MS) {
        throw new Error("it does not come true while the clock stands still");
      }
      await turn();
    }
  }

  return {
    log,
    platform,
    origin,
    send,
    put,
    until,
    /** Puts the segments `first … last`, each with the playlist that lists the last three after it. */
    async live(first: number, last: number, name = (at: number) => `s${at}.ts`): Promise<void> {
      for (let at = first; at <= last; at++) {
        await put(name(at), tsSegment(`${name(at)} of ${last}`));
        await put("index.m3u8", playlist(Math.max(first, at - 2), at, name));
      }
    },
    async media(path: string) {
      const response = await origin.respond(path, new Request(`http://edge.test/live/cam/${path}`));
      return readMedia(await response.text());
    },
    sequences: (rendition = 0) => log.entries(rendition).map(({ unit }) => unit.sequence),
    epochs: (rendition = 0) => log.entries(rendition).map(({ unit }) => unit.epoch),
  };
}

export function playlist(
  first: number,
  last: number,
  name = (at: number) => `s${at}.ts`,
  tail: readonly string[] = [],
): string {
  const lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:2", `#EXT-X-MEDIA-SEQUENCE:${first}`];
  for (let at = first; at <= last; at++) lines.push("#EXTINF:2.0,", name(at));
  return [...lines, ...tail].join("\n");
}
