import type { Platform } from "../platform/platform.ts";
import type { ChannelMedia } from "./channel_media.ts";
import { createNumberingMemory } from "./numbering_memory.ts";
import { createRenditionPuller, type RenditionPuller } from "./pull_rendition.ts";
import type { Upstream } from "./pull_upstream.ts";
import type { RenditionSet } from "./rendition_set.ts";
import { createSegmentClocks } from "./segment_clock.ts";
import type { SourceRendition } from "./upstream_catalog.ts";

/** The pullers of a channel, one for each rendition that it has had. */
export interface Pullers {
  /** The one of this rendition, ready to begin or to go on. */
  resume(source: SourceRendition): RenditionPuller;
  /** Forgets all. */
  clear(): void;
}

export function createPullers({ name, platform, upstream, media, renditions }: {
  name: string;
  platform: Platform;
  upstream: Upstream;
  media: Pick<ChannelMedia, "keepInit">;
  renditions: Pick<RenditionSet, "publish">;
}): Pullers {
  const newClock = createSegmentClocks(platform);
  const pullers = new Map<number, RenditionPuller>();
  return {
    resume(source) {
      const puller = pullers.get(source.id) ?? createRenditionPuller({
        id: source.id,
        now: platform.now,
        upstream,
        memory: createNumberingMemory({ platform, channel: name, rendition: source.id }),
        clock: newClock(),
        keepInit: media.keepInit,
        publish: renditions.publish,
      });
      pullers.set(source.id, puller);
      puller.resume(source);
      return puller;
    },
    clear: () => pullers.clear(),
  };
}
