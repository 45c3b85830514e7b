import type { CodedError } from "../../media/coded_error.ts";
import type { Platform } from "../../platform/platform.ts";
import { pause } from "../pause.ts";
import { asCoded } from "./as_coded.ts";
import { deciding, onAir, type Slot } from "./air.ts";
import { itemTitle } from "./item_title.ts";
import type { Lengths } from "./lengths.ts";
import type { MediaFile } from "./media_file.ts";
import type { AiredSegment, ProgrammeLane } from "./programme_lane.ts";
import type { Item } from "./schedule.ts";
import type { ScheduleKeeper } from "./schedule_keeper.ts";

/** What a viewer who comes first finds, ms: what players want to begin with. */
const BACKLOG_MS = 8_000;
/** How long before it is on air something is read, ms. */
const LEAD_MS = 8_000;
/** Who is later than this, ms, because the server or the machine was slow, goes on with what is on now. */
const LATE_MS = 20_000;
/** What cannot be played is left out for so long before it is tried again, and a gap is looked at again, ms. */
const STEP_MS = 10_000;

/** A stretch without media. */
export interface Hole {
  readonly startMs: number;
  readonly endMs: number;
  /** How long nothing is on, as far as that is known: ms since 1970. */
  readonly untilMs: number;
  /** Where something should be on. */
  readonly error?: CodedError;
}

export interface PlayoutOptions {
  readonly platform: Platform;
  readonly keeper: ScheduleKeeper;
  readonly lengths: Lengths;
  readonly lane: ProgrammeLane;
  /** Rejects with a `CodedError`. */
  readonly openFile: (item: Item, signal: AbortSignal) => Promise<MediaFile>;
  /** Called once a segment is announced; `live` if nothing after it is complete by now. */
  readonly aired: (slot: ItemSlot, live: boolean) => void;
  /** Called when the hole begins, if it is not over by then. */
  readonly missed: (hole: Hole) => void;
  readonly failed: (item: Item, error: CodedError) => void;
}

/** Of an item. */
export type ItemSlot = Slot & { readonly type: "item" };
type Made = { readonly segment: AiredSegment; readonly slot: ItemSlot } | { readonly hole: Hole };

interface OpenFile {
  readonly url: string;
  readonly file: MediaFile;
  readonly init: Uint8Array<ArrayBuffer>;
}

/**
 * Puts on air what is due, a segment at a time, each at its end, until `signal` is aborted. While one
 * waits for its time the next is read.
 */
export async function runPlayout(options: PlayoutOptions, signal: AbortSignal): Promise<void> {
  const { platform, keeper, lengths, lane } = options;
  let opened: OpenFile | undefined;
  /** What is on air stays until it ends, whatever the schedule says by then. */
  let slot: Slot | undefined;
  /** End of the newest segment that was made: none begins before. */
  let endedMs = lane.endMs();
  /** The slot that has failed already: it is told of once. */
  let failing: string | undefined;

  async function until(atMs: number): Promise<void> {
    const leftMs = atMs - platform.now();
    if (leftMs > 0) await pause(platform, leftMs, signal);
  }

  async function make(afterMs: number): Promise<Made> {
    const atMs = platform.now() - afterMs > LATE_MS ? platform.now() - BACKLOG_MS : afterMs;
    await until(atMs - LEAD_MS);
    await keeper.refresh(signal);
    if (!slot || atMs < slot.startMs || atMs >= slot.endMs || slot.type === "nothing") {
      const schedule = keeper.current();
      await lengths.measure(deciding(schedule, atMs), signal);
      slot = onAir(schedule, lengths.of, atMs);
    }
    const current = slot;
    const untilMs = current.endMs;
    if (current.type === "nothing") return { hole: { ...step(atMs, untilMs), untilMs } };
    try {
      const segment = await read(current, atMs);
      // The file is shorter than its time.
      if (!segment) return { hole: { startMs: atMs, endMs: untilMs, untilMs } };
      failing = undefined;
      // In the middle of an item: what began while the one before was on air is left out.
      if (segment.startMs < endedMs) {
        return { hole: { startMs: atMs, endMs: segment.endMs, untilMs: segment.endMs } };
      }
      endedMs = segment.endMs;
      return { segment, slot: current };
    } catch (error) {
      close();
      const hole = { ...step(atMs, untilMs), untilMs, error: asCoded(error) };
      const which = `${current.item.url} ${current.startMs}`;
      if (which !== failing && !signal.aborted) options.failed(current.item, hole.error);
      failing = which;
      return { hole };
    }
  }

  /** `undefined` where the file has ended. */
  async function read(
    { item, startMs: fileStartMs, endMs: untilMs }: ItemSlot,
    atMs: number,
  ): Promise<AiredSegment | undefined> {
    const { file, init } = await open(item);
    const fromMs = atMs - fileStartMs;
    if (fromMs >= file.lengthMs) return undefined;
    const { startMs, endMs } = await file.segmentAt(fromMs);
    const span = { startMs, endMs: Math.min(endMs, untilMs - fileStartMs) };
    const fragment = await file.fragment(span);
    return fragment && {
      startMs: fileStartMs + span.startMs,
      endMs: fileStartMs + span.endMs,
      fileStartMs,
      init,
      fragment,
      title: itemTitle(item),
    };
  }

  async function open(item: Item): Promise<OpenFile> {
    if (opened?.url === item.url) return opened;
    close();
    const file = await options.openFile(item, signal);
    opened = { url: item.url, file, init: await file.init() };
    await lengths.note(item, file.lengthMs);
    return opened;
  }

  async function air(segment: AiredSegment, current: ItemSlot): Promise<void> {
    const { startMs, endMs } = segment;
    try {
      await lane.take(segment);
      options.aired(current, platform.now() < 2 * endMs - startMs);
    } catch (error) {
      // Such as a disk that is full: what follows is tried all the same.
      options.failed(current.item, asCoded(error));
    }
  }

  function close(): void {
    opened?.file.close();
    opened = undefined;
  }

  const startMs = Math.max(lane.endMs(), platform.now() - BACKLOG_MS);
  let next = make(startMs);
  while (!signal.aborted) {
    const made = await next;
    if (signal.aborted) break;
    const dueMs = "hole" in made ? made.hole.startMs : made.segment.endMs;
    const endMs = "hole" in made ? made.hole.endMs : made.segment.endMs;
    next = make(endMs);
    await until(dueMs);
    if (signal.aborted) break;
    if ("hole" in made) {
      if (made.hole.endMs > platform.now()) options.missed(made.hole);
    } else await air(made.segment, made.slot);
  }
  await next;
  close();
}

function step(startMs: number, untilMs: number) {
  return { startMs, endMs: Math.min(untilMs, startMs + STEP_MS) };
}
