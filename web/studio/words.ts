/** What the studio says. */
import { formatRate, formatSeconds } from "../panel/format.ts";
import type { BroadcastStatus } from "./broadcast.ts";
import { bitsPerSecond } from "./quality.ts";
import type { SourceKind } from "./sources.ts";

export interface Notice {
  readonly title: string;
  readonly advice: string;
}

/** `3 725 000` → `1:02:05` */
export function clockText(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1_000);
  const two = (count: number) => String(count).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}

/** A file is over, a camera was unplugged, sharing a screen was ended in the browser's own bar. */
export const SOURCE_ENDED: Notice = {
  title: "The source has ended",
  advice: "So nothing is on air from here any more. Choose a source to go on.",
};

/**
 * Why a source could not be opened, where a picture was wanted or sound alone; `undefined` where
 * somebody just thought better of it.
 */
export function sourceTrouble(
  errorName: string,
  kind: SourceKind,
  pictured: boolean,
): Notice | undefined {
  if (kind === "file") {
    return {
      title: "This browser does not play the file",
      advice: "MP4 with H.264 and WebM play nearly everywhere. Choose another one.",
    };
  }
  // Closing the list of screens is refused by the same name as forbidding it.
  if (kind === "screen" && errorName === "NotAllowedError") return undefined;
  const devices = pictured ? "camera and microphone" : "the microphone";
  const what = kind === "screen" ? "the screen" : devices;
  switch (errorName) {
    case "NotAllowedError":
      return {
        title: `The browser may not use ${what}`,
        advice: "Allow it for this page, by the sign beside the address, and choose again.",
      };
    case "NotFoundError":
    case "OverconstrainedError":
      return {
        title: pictured ? "There is no camera and no microphone" : "There is no microphone",
        advice: "Plug one in and choose again; or send a screen or a file.",
      };
    case "NotReadableError":
      // The system has a say as well.
      if (kind === "screen") {
        return {
          title: "The browser cannot record this screen",
          advice: "Choose another screen, window or tab; or allow the browser to record it, " +
            "in the settings of your system.",
        };
      }
      return {
        title: `Something else uses ${what}`,
        advice: "Close the program that has it, and choose again.",
      };
    default:
      return {
        title: `The browser does not give ${what}`,
        advice: `It says ${errorName}. Try another source, or another browser.`,
      };
  }
}

/** Why this page can do nothing here; `undefined` if it can. */
export function browserTrouble(
  { secure, encodes }: { readonly secure: boolean; readonly encodes: boolean },
): Notice | undefined {
  if (!secure) {
    return {
      title: "Open this page by HTTPS",
      advice: "Browsers give camera, screen and encoders to secure pages only: to https:// " +
        "addresses, and to localhost.",
    };
  }
  if (!encodes) {
    return {
      title: "This browser cannot encode",
      advice: "It has no WebCodecs. A current Chrome, Edge, Safari or Firefox has; " +
        "or send with ffmpeg or OBS.",
    };
  }
  return undefined;
}

/** How sending goes, for who is on air. Empty when there is nothing to say. */
export function sendingNote(
  { state, waitingMs, lostMs, reduced, quality }: BroadcastStatus,
): string {
  const lost = lostMs > 0 ? ` ${formatSeconds(lostMs / 1_000)} had to be left out.` : "";
  if (state === "cut-off") {
    return `The edge does not answer. What you send waits here (${
      formatSeconds(waitingMs / 1_000)
    }), and goes on by itself.${lost}`;
  }
  if (reduced) {
    return `Your uplink does not keep up: the picture is sent with ${
      formatRate(bitsPerSecond(quality) / 8)
    } until it does.${lost}`;
  }
  return lost.trim();
}
