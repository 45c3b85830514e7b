import type { Platform } from "../../platform/platform.ts";
import { IngestError } from "./ingest_error.ts";
import type { Contributor } from "../channel_origin.ts";

/** Who is the source of a channel just now: one at a time. */
export function createTenure({ platform, silentMs }: {
  platform: Pick<Platform, "now">;
  /** After so long a silence anybody may be the next, ms. */
  silentMs: number;
}) {
  let holder: { id: string; heardMs: number } | undefined;
  return {
    /** Throws an `IngestError` while another one is on air. */
    claim({ id, takesOver }: Contributor): void {
      const nowMs = platform.now();
      const taken = holder && holder.id !== id && nowMs - holder.heardMs < silentMs;
      if (taken && !takesOver) {
        throw new IngestError(
          409,
          "channel-on-air",
          "Another source is on air here.",
          `Stop it and wait ${
            silentMs / 1000
          } s, or send the header Tributary-Takeover: 1 to take its place.`,
        );
      }
      holder = { id, heardMs: nowMs };
    },
    /** The source has been heard of; `false` if another one has its place. */
    keep(id: string): boolean {
      if (holder?.id !== id) return false;
      holder = { id, heardMs: platform.now() };
      return true;
    },
    /** The source says that it is at its end, whoever it is: anybody may be the next. */
    vacate: () => void (holder = undefined),
    /** The source has gone, and says so; `false` if it was not the one on air. */
    release(id: string): boolean {
      if (holder?.id !== id) return false;
      holder = undefined;
      return true;
    },
  };
}
