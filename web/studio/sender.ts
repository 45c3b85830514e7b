import { type Ingest, Refusal } from "./ingest.ts";
import { createListing } from "./listing.ts";
import type { Delivery } from "./rate_control.ts";
import { createSegmentQueue, type Segment } from "./segment_queue.ts";

/** Media that waits while the connection is away, at most, ms: after ten seconds' break nothing is missing. */
const QUEUE_LIMIT_MS = 16_000;
/** Pause after a failed request, doubled each time up to the longest, ms. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;
/** What is said to be sent is the average over so long, ms. */
const RATE_WINDOW_MS = 10_000;

const PLAYLIST = "live.m3u8";

export type SenderState =
  /** Nothing has been listed yet. */
  | "starting"
  | "on-air"
  /** The edge does not answer; what comes waits. */
  | "cut-off"
  /** The edge takes nothing from us: `refusal` says why. */
  | "refused"
  | "ended";

export interface SenderStatus {
  readonly state: SenderState;
  readonly refusal: Refusal | undefined;
  /** Media that waits for the uplink, ms, and media that waited too long and was given up. */
  readonly waitingMs: number;
  readonly lostMs: number;
  /** Bytes that arrived, in all and per second of late. */
  readonly bytes: number;
  readonly bytesPerSecond: number;
}

/** Sends segments in their order, and goes on with them after a break. */
export interface Sender {
  push(segment: Segment): void;
  status(): SenderStatus;
  /** After a refusal: tries again, in the place of whoever is on air. */
  takeOver(): void;
  /** Sends what waits, says that no more will come, and resolves; without a connection it says so only. */
  end(): Promise<void>;
  /** The page is being closed: says at once that no more will come. */
  leave(): void;
}

export function createSender({ ingest, takesOver = false, changed, delivered }: {
  ingest: Ingest;
  /** Begins in the place of whoever is on air. */
  takesOver?: boolean;
  /** Called when the state is another one. */
  changed: () => void;
  delivered: (delivery: Delivery) => void;
}): Sender {
  const queue = createSegmentQueue(QUEUE_LIMIT_MS);
  let listing = createListing();
  let state: SenderState = "starting";
  let refusal: Refusal | undefined;
  /** The playlist says something that the edge has not been told; an empty one asks to be let in. */
  let untold = true;
  let listed = false;
  let ending = false;
  let wake = () => {};
  let retryAtMs = 0;
  const beganMs = performance.now();
  let bytes = 0;
  /** What arrived of late. */
  let log: { atMs: number; bytes: number }[] = [];

  function enter(next: SenderState): void {
    if (state === next || state === "ended") return;
    state = next;
    changed();
  }

  /** Resolves when there may be something to do. */
  function woken(afterMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = afterMs === undefined ? undefined : setTimeout(() => wake(), afterMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function put(name: string, body: string | Uint8Array<ArrayBuffer>) {
    const { isNew } = await ingest.put(name, body, { takeOver: takesOver });
    takesOver = false;
    bytes += body.length;
    log.push({ atMs: performance.now(), bytes: body.length });
    return isNew;
  }

  async function send(segment: Segment): Promise<void> {
    const { init, bytes: media } = segment;
    let beganMs = performance.now();
    const went = (share: number) =>
      delivered({
        bytes: share * media.length,
        tookMs: performance.now() - beganMs,
        waitingMs: queue.waitingMs(),
      });
    try {
      // It is small beside what it goes with, and tells whether the edge has begun anew: then viewers
      // find what they were about to play only if it comes again.
      if (await put(init.name, init.bytes)) {
        for (const { name, bytes } of listing.files(init)) await put(name, bytes);
      }
      beganMs = performance.now();
      await put(listing.next(), media);
      listing.add(segment);
      untold = listed = true;
      went(1);
    } catch (error) {
      queue.giveBack(segment);
      // How much of it went is not known, but not all.
      if (error instanceof DOMException && error.name === "TimeoutError") went(0.5);
      throw error;
    }
  }

  async function tell(): Promise<void> {
    await put(PLAYLIST, listing.text());
    untold = false;
    enter(listed ? "on-air" : "starting");
  }

  async function run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (true) {
      const idle = state === "refused" || !untold && queue.waitingMs() === 0;
      if (idle && ending) return await sayGoodbye();
      if (idle) {
        await woken();
        continue;
      }
      try {
        if (untold) await tell();
        else await send(queue.take()!);
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        if (error instanceof Refusal) {
          refusal = error;
          enter("refused");
          continue;
        }
        if (ending) return await sayGoodbye();
        enter("cut-off");
        retryAtMs = performance.now() + pauseMs;
        await woken(pauseMs);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
  }

  async function sayGoodbye(): Promise<void> {
    const toBeTold = listed && state !== "refused";
    enter("ended");
    if (toBeTold) {
      await ingest.put(PLAYLIST, listing.text("ended"), { farewell: true }).catch(() => {});
    }
  }

  const online = () => wake();
  self.addEventListener("online", online);
  const running = run();

  return {
    push(segment) {
      queue.push(segment);
      // In hidden pages timers may be late by a minute.
      if (state !== "cut-off" || performance.now() >= retryAtMs) wake();
    },
    status() {
      const nowMs = performance.now();
      log = log.filter(({ atMs }) => atMs > nowMs - RATE_WINDOW_MS);
      const spanMs = Math.min(RATE_WINDOW_MS, nowMs - beganMs);
      return {
        state,
        refusal,
        waitingMs: queue.waitingMs(),
        lostMs: queue.lostMs(),
        bytes,
        bytesPerSecond: log.reduce((sum, one) => sum + one.bytes, 0) * 1_000 / spanMs,
      };
    },
    takeOver() {
      takesOver = true;
      refusal = undefined;
      // The other one has put files under the same names: numbers begin anew, and the edge goes on.
      listing = createListing();
      listed = false;
      untold = true;
      queue.clear();
      enter("starting");
      wake();
    },
    async end() {
      self.removeEventListener("online", online);
      ending = true;
      wake();
      await running;
    },
    leave: () => void sayGoodbye(),
  };
}
