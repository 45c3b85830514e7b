import type { Conduct } from "../swarm/io.ts";

/** A paused element's page goes quiet after this, ms: so the design has it. */
export const PAUSED_QUIET_MS = 10_000;
/** The default upload cap in units of the stream's rate: so the design has it. */
export const DEFAULT_CAP_FACTOR = 3;

export interface Circumstances {
  /** The worker answers the element of this page. */
  readonly controlled: boolean;
  /** `undefined` while the element plays. */
  readonly pausedForMs: number | undefined;
  readonly hidden: boolean;
  /** A metered link or the browser's data saver. */
  readonly metered: boolean;
  /** The site's word, and the viewer's switch. */
  readonly uploadAllowed: boolean;
  /** bytes/s */
  readonly uploadCap: number;
}

/** What a peer does for the others, from what is known of its page, its link and its viewer. */
export function decideConduct(now: Circumstances): Conduct {
  const paused = now.pausedForMs !== undefined;
  const quiet = paused && now.pausedForMs > PAUSED_QUIET_MS;
  const upload = now.uploadAllowed && !now.metered && !(now.hidden && paused) && now.uploadCap > 0;
  return {
    prefetch: now.controlled && !quiet ? "played" : "none",
    inject: now.controlled && !quiet && upload,
    upload,
    uploadCap: now.uploadCap,
  };
}

/** Network Information API, where there is one (Chromium); `type` is mostly absent on desktops. */
interface NetworkInformation {
  readonly saveData?: boolean;
  readonly type?: string;
}

export function isMetered(navigator: Navigator): boolean {
  const { connection } = navigator as Navigator & { connection?: NetworkInformation };
  return connection?.saveData === true || connection?.type === "cellular";
}
