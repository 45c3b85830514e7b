import type { Platform } from "../../platform/platform.ts";
import type { ChannelState } from "../../protocol/channel.ts";

/** Without a word for so long the source is said to be silent, and for so long the channel to be off air, ms. */
const SILENT_MS = 10_000;
const GONE_MS = 60_000;
/** How long a stream that was closed may take to come back before the channel is off air, ms. */
const RETURN_MS = 10_000;

/** After so long a silence anybody may be the next source, ms. */
export const VACANT_MS = SILENT_MS;

/** Tells what to think of a source that says nothing. */
export interface SilenceWatch {
  /** The source has been heard of. */
  heard(): void;
  /** It has closed its stream, whether it is at its end or lost its way. */
  left(): void;
  /** Nothing is waited for. */
  stop(): void;
}

export function createSilenceWatch({ platform, setState }: {
  platform: Pick<Platform, "after">;
  setState: (state: ChannelState, detail: string) => void;
}): SilenceWatch {
  let cancel = () => {};

  function offAirIn(ms: number, detail: string): void {
    cancel();
    cancel = platform.after(ms, () => setState("off-air", detail));
  }

  return {
    heard() {
      cancel();
      cancel = platform.after(SILENT_MS, () => {
        setState("upstream-down", "Nothing has come from the source for some seconds.");
        offAirIn(GONE_MS - SILENT_MS, "The source has been silent for a minute.");
      });
    },
    left() {
      setState("upstream-down", "The source has left; it may come back.");
      offAirIn(RETURN_MS, "The source has ended its stream.");
    },
    stop: () => cancel(),
  };
}
