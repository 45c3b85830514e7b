import type { TributaryState, TributaryStats } from "../api.ts";
import { formatRate } from "./format.ts";
import type { RatePoint } from "./history.ts";

/** Where the panel stands: the engine's states, and two from before there is an engine. */
export type PanelState = TributaryState | "waiting" | "absent";

/** The state in a word or two. */
export function stateWord(state: PanelState): string {
  switch (state) {
    case "waiting":
      return "Waiting";
    case "absent":
      return "Not running";
    case "starting":
      return "Starting";
    case "sharing":
      return "Sharing";
    case "alone":
      return "No partner yet";
    case "edge-only":
      return "Edge only";
    case "reconnecting":
      return "Reconnecting";
  }
}

/** What is said where there are no figures yet. */
export function emptyReason(state: "waiting" | "absent"): string {
  return state === "waiting"
    ? "Figures come as soon as the video does."
    : "Tributary did not start on this page, so the video comes straight from the edge. " +
      "Check that tributary.js is loaded and not blocked.";
}

/** The chart for those who do not see it. */
export function chartSummary(latest: RatePoint | undefined): string {
  if (!latest) return "Chart of the last two minutes; nothing received yet.";
  return "Chart of the last two minutes. Just now " +
    `${formatRate(latest.peers)} from peers, ${formatRate(latest.edge)} from the edge, ` +
    `${formatRate(latest.cache)} from the cache, ${formatRate(latest.uploaded)} uploaded.`;
}

/** What the upload switch does just now. */
export function uploadNote(
  { state, upload }: Pick<TributaryStats, "state" | "upload">,
): string {
  if (!upload.on) return "Off. You still receive from others; nothing leaves this browser.";
  if (state === "edge-only") return "On, for when this browser shares.";
  if (state === "starting") return "On, for when there is something to pass on.";
  if (!upload.active) {
    return "On, but resting: on metered connections, with data saver and in paused background " +
      "tabs nothing is uploaded.";
  }
  return "On. What you have watched is passed on to other viewers.";
}
