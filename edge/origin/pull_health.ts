import type { CodedError } from "../media/coded_error.ts";
import type { ChannelState } from "../protocol/channel.ts";
import type { Polled } from "./pull_session.ts";
import type { SourceRendition } from "./upstream_catalog.ts";
import { explain } from "./upstream_error.ts";

/** How a pull session is doing, rendition by rendition. Pure. */
export interface PullHealth {
  /** The renditions that there are. */
  expect(renditions: readonly SourceRendition[]): void;
  note(rendition: number | undefined, what: Polled): void;
  /** What people are told. */
  verdict(): { state: ChannelState; detail?: string };
  /** Every rendition has media or has failed, and one has media. */
  ready(): boolean;
}

interface Condition {
  readonly main: boolean;
  hasMedia: boolean;
  ended: boolean;
  error?: CodedError | undefined;
}

export function createPullHealth(): PullHealth {
  const renditions = new Map<number, Condition>();
  let general: CodedError | undefined;

  return {
    expect(list) {
      general = undefined;
      for (const { id, kind } of list) {
        renditions.set(id, { main: kind === "main", hasMedia: false, ended: false });
      }
    },
    note(id, what) {
      const condition = id === undefined ? undefined : renditions.get(id);
      if (!condition) {
        if (what.type === "failed") general = what.error;
        return;
      }
      condition.error = what.type === "failed" ? what.error : undefined;
      condition.ended = what.type === "ended";
      if (what.type === "media" || what.type === "ended") condition.hasMedia = true;
    },
    verdict() {
      const all = [...renditions.values()];
      const main = all.filter((one) => one.main);
      const error = general ?? all.find((one) => one.error)?.error;
      const detail = error ? { detail: explain(error) } : {};
      if (general || (main.length > 0 && main.every((one) => one.error))) {
        return { state: "upstream-down", ...detail };
      }
      if (main.length > 0 && main.every((one) => one.ended)) {
        return { state: "off-air", detail: "The upstream has ended its stream." };
      }
      return { state: main.some((one) => one.hasMedia) ? "on-air" : "starting", ...detail };
    },
    ready() {
      const all = [...renditions.values()];
      return all.some((one) => one.hasMedia) && all.every((one) => one.hasMedia || one.error);
    },
  };
}
