/** A channel whose sound is a rendition of its own. */
import { assertEquals } from "@std/assert";
import { createChannelMedia } from "../../edge/origin/channel_media.ts";
import type { OriginEvent } from "../../edge/origin/events.ts";
import type { ChannelDescription } from "../../edge/protocol/channel.ts";
import { createFakePlatform } from "./fake_platform.ts";
import { aloneInit, aloneSegment, PICTURES, SOUND } from "./media/cutting/streams.ts";
import { createEventLog } from "./origin/event_log.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** By path. */
export const INITS: Readonly<Record<string, Bytes>> = {
  "r0/init-1.mp4": aloneInit(PICTURES),
  "r1/init-1.mp4": aloneInit(SOUND),
};
export const DESCRIPTION: ChannelDescription = {
  name: "cam",
  title: "Cam",
  base: "/live/cam/",
  targetDurationMs: 2_000,
  master: true,
  renditions: [
    {
      id: 0,
      kind: "main",
      playlist: "r0/index.m3u8",
      container: "fmp4",
      attributes: 'BANDWIDTH=1,AUDIO="a"',
      inits: [{ epoch: 1, uri: "r0/init-1.mp4" }],
    },
    {
      id: 1,
      kind: "audio",
      playlist: "r1/index.m3u8",
      container: "fmp4",
      attributes: 'TYPE=AUDIO,GROUP-ID="a",NAME="a"',
      inits: [{ epoch: 1, uri: "r1/init-1.mp4" }],
    },
  ],
};

/** A channel on air whose segments last 2 s. */
export function soundApart() {
  const log = createEventLog();
  const platform = createFakePlatform();
  let listener: (event: OriginEvent) => void = () => {};
  const media = createChannelMedia({
    name: "cam",
    title: "Cam",
    platform,
    state: "on-air",
    emit(event) {
      log.emit(event);
      listener(event);
    },
  });
  for (const [path, bytes] of Object.entries(INITS)) media.keepInit(path, bytes);
  media.describe(DESCRIPTION);
  const publish = (rendition: number, sequence: number, bytes: Bytes) =>
    media.publish({
      unit: { epoch: 1, rendition, sequence },
      container: "fmp4",
      bytes,
      startMs: sequence * 2_000,
      durationMs: 2_000,
      discontinuity: false,
    });
  const span = (sequence: number) => ({ startS: sequence * 2, endS: sequence * 2 + 2 });
  return {
    log,
    platform,
    media,
    /** Tells a listener of what was said, and of all that will be. */
    hear(next: typeof listener): void {
      log.events.forEach(next);
      listener = next;
    },
    pictures: (sequence: number, fragments = 1) =>
      publish(
        0,
        sequence,
        aloneSegment(PICTURES, { ...span(sequence), fragments, seed: sequence }),
      ),
    sound: (sequence: number, fragments = 1) =>
      publish(
        1,
        sequence,
        aloneSegment(SOUND, { ...span(sequence), fragments, seed: 50 - sequence }),
      ),
    /** All of the stream from its beginning on. */
    async streamed(query = "?burst=60"): Promise<{ bytes: Bytes; token: string }> {
      const response = await media.listen(new Request(`http://edge.test/stream/cam${query}`));
      assertEquals(response.status, 200, query);
      const ends = Promise.resolve().then(() => media.setState("off-air"));
      const bytes = new Uint8Array(await response.arrayBuffer());
      await ends;
      media.setState("on-air");
      return { bytes, token: response.headers.get("Tributary-Resume")! };
    },
  };
}
