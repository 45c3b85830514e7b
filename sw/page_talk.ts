import {
  BRIDGE_VERSION,
  type FilmPart,
  type PageAnswer,
  type WorkerMessage,
  type WorkerReply,
} from "./bridge.ts";
import type { Clock } from "./clock.ts";

/** A page that is late by less than this has its answer used all the same, ms. */
const SLACK_MS = 100;
/** The longest that a page may have its answer waited for, whatever it says, ms. */
const MAX_WORKING_MS = 30_000;
/** A body that stops for this long in its middle is read on from the network, ms. */
const STREAM_SILENCE_MS = 1_500;

export interface Question {
  readonly url: string;
  readonly wants: "blob" | "stream";
  readonly range: string | null;
}

export interface PageTalk {
  readonly answer:
    | Extract<PageAnswer, { type: "blob" | "endless" | "network" }>
    | {
      readonly type: "stream";
      readonly contentType: string;
      /** bytes of the whole body */
      readonly length: number;
      readonly cache: boolean;
      readonly part?: FilmPart;
      /** The next bytes; `undefined` when they end, stop coming or the page is gone. */
      next(): Promise<Uint8Array<ArrayBuffer> | undefined>;
    }
    /** No word at all in time. */
    | { readonly type: "silent" }
    /** It was `working` and did not come to an end, or it left. */
    | { readonly type: "late" };
  /** Tells the page that its answer was used or given up. To be called once. */
  done(used: boolean): void;
}

/** What can be asked: a `Client`. */
export interface Page {
  postMessage(message: WorkerMessage, transfer: Transferable[]): void;
}

/** Asks a page for media and waits for its answer: `patienceMs` for the first word, then as long as it says. */
export function talkTo(
  page: Page,
  question: Question,
  patienceMs: number,
  clock: Clock,
): Promise<PageTalk> {
  const { port1: port, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    let working = false;
    let stream: ReturnType<typeof createMailbox> | undefined;
    let cancel = clock.after(patienceMs, () => settle({ type: "silent" }));

    function settle(answer: PageTalk["answer"]): void {
      cancel();
      resolve({
        answer,
        done(used) {
          port.postMessage({ type: "done", used } satisfies WorkerReply);
          port.close();
        },
      });
    }

    function leave(): void {
      if (stream) stream.end();
      else settle({ type: "late" });
    }

    // Where the event exists it comes at once when the page goes away; elsewhere the timers notice.
    port.addEventListener("close", leave);
    port.onmessage = ({ data }: MessageEvent<PageAnswer>) => {
      switch (data.type) {
        case "working":
          if (working) return;
          working = true;
          cancel();
          cancel = clock.after(
            Math.min(data.ms, MAX_WORKING_MS) + SLACK_MS,
            () => settle({ type: "late" }),
          );
          return;
        case "head":
          if (stream) return;
          stream = createMailbox(clock, data.part?.silenceMs ?? STREAM_SILENCE_MS);
          settle({
            type: "stream",
            contentType: data.contentType,
            length: data.length,
            cache: data.cache,
            ...(data.part ? { part: data.part } : {}),
            next: stream.next,
          });
          return;
        case "chunk":
          stream?.put(data.bytes);
          return;
        case "end":
          leave();
          return;
        case "blob":
        case "endless":
          settle(data);
          return;
        case "network":
          if (stream) stream.end();
          else settle(data);
      }
    };
    page.postMessage(
      { type: "tributary:request", version: BRIDGE_VERSION, ...question, port: port2 },
      [port2],
    );
  });
}

/** Chunks in order, for one reader. */
function createMailbox(clock: Clock, silenceMs: number) {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let ended = false;
  let wake = () => {};
  return {
    put(bytes: Uint8Array<ArrayBuffer>): void {
      chunks.push(bytes);
      wake();
    },
    end(): void {
      ended = true;
      wake();
    },
    async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
      if (chunks.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          const cancel = clock.after(silenceMs, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
      return chunks.shift();
    },
  };
}
