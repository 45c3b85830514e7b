import type { Rendition } from "../protocol/channel.ts";
import type { ChannelMedia } from "./channel_media.ts";
import { createGate, type Gate } from "./gate.ts";
import type { Pulled } from "./pull_rendition.ts";

/**
 * The renditions of a channel while their first segments come in: none is announced before the
 * description names every rendition that works.
 */
export interface RenditionSet {
  /** From now on there are these, by their ids. */
  begin(ids: readonly number[]): void;
  /** This one need not be waited for. */
  excuse(id: number): void;
  /** Nothing is waited for any longer. */
  end(): void;
  /** Resolves when the segment is announced. Rejects with what `signal` was aborted with. */
  publish(pulled: Pulled, signal: AbortSignal): Promise<void>;
}

export function createRenditionSet({ name, title, media }: {
  name: string;
  title: string;
  media: Pick<ChannelMedia, "describe" | "publish">;
}): RenditionSet {
  const renditions = new Map<number, Rendition>();
  let gate: Gate = createGate([]);
  let master = false;
  let targetDurationMs = 0;

  return {
    begin(ids) {
      gate.open();
      gate = createGate(ids);
      master = ids.length > 1;
      for (const id of renditions.keys()) if (!ids.includes(id)) renditions.delete(id);
    },
    excuse: (id) => gate.excuse(id),
    end: () => gate.open(),
    async publish(pulled, signal) {
      signal.throwIfAborted();
      const { rendition, segment } = pulled;
      const { id } = rendition;
      renditions.set(id, { ...rendition, playlist: master ? `r${id}/index.m3u8` : "index.m3u8" });
      targetDurationMs = Math.max(targetDurationMs, pulled.targetDurationMs);
      await gate.arrive(id);
      signal.throwIfAborted();
      media.describe({
        name,
        title,
        base: `/live/${name}/`,
        targetDurationMs,
        master,
        renditions: [...renditions.values()].sort((a, b) => a.id - b.id),
      });
      await media.publish(segment);
    },
  };
}
