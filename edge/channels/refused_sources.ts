import type { Platform } from "../platform/platform.ts";

/** A source that names itself when asked has done so after this long, ms. */
const ASKED_MS = 5_000;
/** How often the log is told, ms. */
const TELL_EVERY_MS = 60_000;

/**
 * Tells the log of a source that is refused over and over for want of the key: ffmpeg's HLS and DASH say
 * nothing of it. One file that is refused is nothing to tell of: they are put again, with the key.
 */
export function createRefusedSources({ now, log }: Pick<Platform, "now" | "log">) {
  /** By channel: since when every request has been refused, and when the log was told. */
  const refused = new Map<string, { readonly sinceMs: number; toldMs: number }>();
  return {
    /** `address`: whence, if the runtime says. */
    refuse(channel: string, address: string | undefined): void {
      const nowMs = now();
      const run = refused.get(channel) ?? { sinceMs: nowMs, toldMs: -Infinity };
      refused.set(channel, run);
      if (nowMs - run.sinceMs < ASKED_MS || nowMs - run.toldMs < TELL_EVERY_MS) return;
      run.toldMs = nowMs;
      const whence = address === undefined ? "" : ` from ${address}`;
      const message =
        `${channel}: a source${whence} is refused, since it does not show the channel's key.`;
      log({ level: "warn", code: "source-refused", message });
    },
    admit: (channel: string): void => void refused.delete(channel),
  };
}
