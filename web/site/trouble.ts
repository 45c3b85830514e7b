import type { ChannelState } from "../../edge/protocol/channel.ts";

/** What stands over the video when it does not play. */
export interface Trouble {
  readonly title: string;
  readonly advice: string;
}

export interface Circumstances {
  /** `MediaError.code` of the element. */
  readonly code: number | undefined;
  /** What the edge last said of the channel; `undefined` when it does not answer. */
  readonly state: ChannelState | undefined;
  /** Whether it was given HLS, and does not take it by itself. */
  readonly lacksHls: boolean;
}

/** `MediaError`'s codes, HTML standard section 4.8.11.1. */
const DECODE = 3;
const SOURCE_NOT_SUPPORTED = 4;

/** Says what is wrong and what to do, the likeliest cause first. */
export function describeTrouble({ code, state, lacksHls }: Circumstances): Trouble {
  if (state === undefined) {
    return {
      title: "The edge does not answer",
      advice: "It may be restarting, or your connection is down. " +
        "The picture comes back by itself as soon as it answers.",
    };
  }
  if (state === "off-air") {
    return {
      title: "Off air",
      advice: "Nothing is broadcast here just now. Leave the page open: it starts by itself.",
    };
  }
  if (state === "upstream-down") {
    return {
      title: "The source is away",
      advice: "The edge keeps trying to reach it. Leave the page open: it starts by itself.",
    };
  }
  if (code === SOURCE_NOT_SUPPORTED && lacksHls) {
    return {
      title: "This browser does not play HLS",
      advice: "Try again, which may let the script help it; or open the address below in a " +
        "player such as VLC.",
    };
  }
  if (code === DECODE) {
    return {
      title: "The picture could not be decoded",
      advice: "Try again; it mostly is a moment’s damage. If it comes back, this browser may not " +
        "know the video’s format.",
    };
  }
  return {
    title: "The video broke off",
    advice: "Try again. If that does not help, reload the page.",
  };
}
