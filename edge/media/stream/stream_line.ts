import { sameBytes } from "../../protocol/bytes.ts";
import type { StreamPlace } from "../../protocol/ledger_entry.ts";
import type { Container } from "../container.ts";
import type { Bytes } from "./bytes.ts";

/**
 * The media of one rendition as one endless line of bytes, with an init wherever another one is
 * needed from there on. Every byte has a number, the same wherever it is served: listeners differ
 * only in where they are.
 */
export interface StreamLine {
  /** The newest place to begin that has `ms` of media after it, or the oldest of the newest epoch. */
  startBefore(ms: number): LineStart | undefined;
  /** Whether who has every byte before this place can go on there, now or as soon as there is more. */
  reaches(place: StreamPlace): Promise<boolean>;
  /** What is there from this place on; ends where nothing can follow in one stream, or by the signal. */
  read(place: StreamPlace, signal: AbortSignal): AsyncGenerator<LinePart, void>;
}

/** A place to begin: where a unit's media does. */
export interface LineStart {
  readonly place: StreamPlace;
  readonly init?: Bytes;
  readonly container: Container;
}

/** Some bytes of the unit with this number. */
export interface LinePart {
  readonly bytes: Bytes;
  readonly sequence: number;
}

/** A unit of media as it stands on the line. */
export interface LineUnit {
  readonly sequence: number;
  readonly epoch: number;
  /** Of the sound that goes with it, where that comes apart. */
  readonly soundEpoch?: number;
  readonly container: Container;
  /** What a decoder must have seen before it. */
  readonly init?: Bytes;
}

/** Containers whose players do not take up another timeline or another init in mid-stream. */
const STEADY: readonly Container[] = ["fmp4", "webm"];

/** Whether two units are of one timeline, in sound too. */
export function isOneTimeline(a: LineUnit, b: LineUnit): boolean {
  return a.epoch === b.epoch && a.soundEpoch === b.soundEpoch;
}

/** Whether one stream can go on with a unit after another. */
export function goesOn(before: LineUnit, next: LineUnit): boolean {
  const { container } = next;
  return before.container === container &&
    (isOneTimeline(before, next) || !STEADY.includes(container));
}

/** What stands on the line between the media of one unit and that of the next: its init, if that is another. */
export function initBetween(before: LineUnit, { init }: LineUnit): Bytes | undefined {
  return before.init && init && sameBytes(before.init, init) ? undefined : init;
}
