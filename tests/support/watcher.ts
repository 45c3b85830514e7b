import type { TributaryStats } from "../../web/api.ts";
import type { DemoFrame, ProbeReading } from "./probe.ts";
import { waitUntil } from "./wait.ts";

/** Somebody who watches a page that has the probe, in whatever browser. */
export interface Watcher {
  /** ms from the navigation's start to the first frame; waits for it. */
  firstFrame(timeoutMs?: number): Promise<number>;
  /** What the element did so far. */
  read(): Promise<ProbeReading>;
  /** Waits until the play position has moved on by `seconds` from now. */
  plays(seconds: number, timeoutMs?: number): Promise<void>;
  /** Waits for a reading that `holds`; `what` is said if it never comes. */
  until(
    what: string,
    holds: (reading: ProbeReading) => boolean,
    timeoutMs?: number,
  ): Promise<ProbeReading>;
  /** `tributary.stats()`, or `undefined` on a page without the tag. */
  stats(): Promise<TributaryStats | undefined>;
  /** The frame of the demo channel on screen; `undefined` without a picture. */
  demoFrame(): Promise<DemoFrame | undefined>;
  pause(): Promise<void>;
  play(): Promise<void>;
}

const PATIENCE_MS = 15_000;

/**
 * `ask` runs a function in the page: it is serialised, and must not use anything outside itself. What
 * does not come to pass is told together with `errors`.
 */
export function watching(
  ask: <T>(look: () => T | Promise<T>) => Promise<T>,
  errors: readonly string[],
): Watcher {
  const read = () => ask(() => globalThis.window.__probe.read());
  const until: Watcher["until"] = async (what, holds, timeoutMs = PATIENCE_MS) => {
    let reading = await read();
    try {
      return await waitUntil(what, async () => {
        reading = await read();
        return holds(reading) && reading;
      }, timeoutMs);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${JSON.stringify({ ...reading, errors })}`);
    }
  };
  return {
    read,
    until,
    async firstFrame(timeoutMs) {
      const seen = await until("first frame", (now) => now.firstFrameMs !== undefined, timeoutMs);
      return seen.firstFrameMs!;
    },
    async plays(seconds, timeoutMs = seconds * 1000 + PATIENCE_MS) {
      const { currentTime } = await read();
      await until(
        `${seconds} s of play`,
        (now) => now.currentTime >= currentTime + seconds,
        timeoutMs,
      );
    },
    stats: () => ask(() => globalThis.window.tributary?.stats()),
    demoFrame: () => ask(() => globalThis.window.__probe.demoFrame()),
    pause: () => ask(() => document.querySelector<HTMLMediaElement>("video, audio")!.pause()),
    play: () => ask(() => document.querySelector<HTMLMediaElement>("video, audio")!.play()),
  };
}
