import type { Platform } from "../platform/platform.ts";
import { createChannelMedia } from "./channel_media.ts";
import type { ChannelOrigin } from "./channel_origin.ts";
import type { OriginEvent } from "./events.ts";
import { openLoopClip } from "./loop_clip.ts";

/** What a viewer who comes first finds in the window, segments. */
const BACKFILL_SEGMENTS = 15;
/** The timeline is the wall clock's: it never restarts. */
const EPOCH = 1;

/**
 * A channel that plays a clip without end, on the wall clock: what is on air at a given time is the
 * same after every restart, byte for byte. Throws `CodedError` for a clip that cannot be looped.
 */
export function createLoopOrigin({ name, title, clip: file, platform, emit }: {
  name: string;
  title: string;
  /** A fragmented MP4. */
  clip: Uint8Array;
  platform: Platform;
  emit: (event: OriginEvent) => void;
}): ChannelOrigin {
  const clip = openLoopClip(file);
  const media = createChannelMedia({ name, title, platform, state: "starting", emit });
  const initPath = `r0/init-${EPOCH}.mp4`;
  let newest = -1;
  let stopped = false;
  let cancelTimer = () => {};

  /** Publishes what is complete by now, and comes back when the next segment is. */
  async function publishDue(): Promise<void> {
    const complete = Math.floor(platform.now() / clip.segmentMs) - 1;
    for (
      let sequence = Math.max(newest + 1, complete - BACKFILL_SEGMENTS + 1);
      sequence <= complete && !stopped;
      sequence++
    ) {
      newest = sequence;
      await media.publish({
        unit: { epoch: EPOCH, rendition: 0, sequence },
        container: "fmp4",
        bytes: clip.segment(sequence),
        startMs: sequence * clip.segmentMs,
        durationMs: clip.segmentMs,
        discontinuity: false,
      });
    }
    if (stopped) return;
    const dueMs = (Math.max(newest, complete) + 2) * clip.segmentMs;
    cancelTimer = platform.after(Math.max(0, dueMs - platform.now()), () => {
      busy = publishDue();
    });
  }

  async function start(): Promise<void> {
    // The caller has its origin in hand before the first event comes.
    await Promise.resolve();
    media.keepInit(initPath, clip.init);
    media.describe({
      name,
      title,
      base: `/live/${name}/`,
      targetDurationMs: clip.segmentMs,
      master: false,
      renditions: [{
        id: 0,
        kind: "main",
        playlist: "index.m3u8",
        container: "fmp4",
        attributes: clip.attributes,
        inits: [{ epoch: EPOCH, uri: initPath }],
      }],
    });
    await publishDue();
    if (!stopped) media.setState("on-air");
  }
  const started = start();
  /** What is being published just now. */
  let busy = started;

  return {
    name,
    title,
    handle: () => {},
    read: media.read,
    async respond(path, request) {
      await started;
      return await media.respond(path, request);
    },
    async listen(request) {
      await started;
      return await media.listen(request);
    },
    stats: media.stats,
    async stop() {
      stopped = true;
      cancelTimer();
      await busy;
    },
  };
}
