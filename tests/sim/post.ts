/**
 * What goes from one thread of a world to another: plain data, each with the time when it is there,
 * which is never sooner than `LEAST_DELAY_MS` after it was sent.
 */
import type { Unit } from "../../edge/protocol/unit.ts";
import type { Span } from "../../edge/protocol/pieces.ts";
import type { SimFrame } from "./donet/io.ts";
import type { Purpose, SocketEvent } from "./edge_host.ts";
import type { Handle } from "./viewer.ts";

/** No way in the world is shorter, ms: so far apart threads may be in time. */
export const LEAST_DELAY_MS = 5;

/** To a viewer, from another; both by their numbers. `link` is the number of their link. */
export type ViewerNote =
  & { readonly to: number; readonly from: number; readonly link: number }
  & (
    /** The other would open a link, … */
    | { readonly type: "meet" }
    /** … and has been let. */
    | { readonly type: "met" }
    | { readonly type: "unlinked" }
    | Carried
  );

/** A frame on a link: bytes on the wire, and of media. */
export interface Carried {
  readonly type: "frame";
  readonly wire: number;
  readonly media: number;
  readonly frame: SimFrame<Handle>;
}

/** To the edge, from the thread `thread`. Sockets and requests have the numbers that the thread gave them. */
export type EdgeNote =
  & { readonly thread: number; readonly id: number }
  & (
    | { readonly type: "open"; readonly near: string | undefined; readonly delayMs: number }
    | { readonly type: "text"; readonly text: string }
    | { readonly type: "close" }
    | {
      readonly type: "get";
      readonly delayMs: number;
      readonly unit: Unit;
      readonly pieces: Span;
      readonly purpose: Purpose;
    }
    | { readonly type: "cancel" }
  );

/** To a thread, from the edge. */
export type AnswerNote =
  & { readonly id: number }
  & (
    | { readonly type: "event"; readonly event: SocketEvent }
    | { readonly type: "piece"; readonly index: number; readonly bytes: number }
  );

export type Note = ViewerNote | EdgeNote | AnswerNote;

/** A note, and when it is there, ms. */
export interface Letter {
  readonly atMs: number;
  readonly note: Note;
}

/** The threads that a world is in, as one of them knows it. */
export interface Threads {
  readonly count: number;
  /** This one; the edge is in the first. */
  readonly mine: number;
  /** To a thread, to be there at a time, ms. */
  post(thread: number, atMs: number, note: Note): void;
}

/** A world in one thread. */
export const ALONE: Threads = {
  count: 1,
  mine: 0,
  post: () => {
    throw new Error("there is no other thread");
  },
};
