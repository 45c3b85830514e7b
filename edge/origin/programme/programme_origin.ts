import type { CodedError } from "../../media/coded_error.ts";
import type { Platform } from "../../platform/platform.ts";
import { createChannelMedia } from "../channel_media.ts";
import type { ChannelOrigin, OnNow } from "../channel_origin.ts";
import type { OriginEvent } from "../events.ts";
import { createInterest } from "../interest.ts";
import { pause } from "../pause.ts";
import { explain } from "../upstream_error.ts";
import { asCoded } from "./as_coded.ts";
import { deciding, onAir, type Slot, upNext } from "./air.ts";
import { itemTitle } from "./item_title.ts";
import { createLengths } from "./lengths.ts";
import { type MediaFile, openMediaFile } from "./media_file.ts";
import { type Hole, type ItemSlot, runPlayout } from "./playout.ts";
import type { ProgrammeFiles } from "./programme_files.ts";
import { openProgrammeLane, type ProgrammeLane } from "./programme_lane.ts";
import { openRangedFile } from "./ranged_file.ts";
import type { Item } from "./schedule.ts";
import { createScheduleKeeper, type LoadedSchedule } from "./schedule_keeper.ts";

/** Without viewers for so long, no file is read any more, ms. */
const LINGER_MS = 30_000;
/** After so long a pause what is in the window is no longer live, ms. */
const STALE_MS = 60_000;
/** How long a playlist is waited for while the first segments come, ms. */
const PLAYLIST_WAIT_MS = 8_000;
/** In a longer gap the channel is off air, so that players end; in a shorter one they wait, ms. */
const LONGEST_WAIT_MS = 60_000;

/**
 * A channel made of a schedule of files. What is on air follows from schedule and clock alone, so
 * that all see the same; files are read while somebody watches, once, however many do.
 */
export function createProgrammeOrigin({ name, title, url, first, files, platform, emit }: {
  name: string;
  title: string;
  /** Of the schedule. */
  url: string;
  first: LoadedSchedule;
  files: ProgrammeFiles;
  platform: Platform;
  emit: (event: OriginEvent) => void;
}): ChannelOrigin {
  const media = createChannelMedia({
    name,
    title,
    platform,
    state: "idle",
    emit,
    listened: () => interest.touch(),
  });
  const keeper = createScheduleKeeper({ platform, files, name, url, first });
  const lengths = createLengths({ platform, name, measureFile, failed });
  /** Of the whole of its life. */
  const life = new AbortController();
  let lane: ProgrammeLane | undefined;
  let session: { abort: AbortController; waiting: AbortController } | undefined;
  let idleSinceMs = platform.now();
  let lastRun: Promise<void> = Promise.resolve();
  /** What was on air last. */
  let aired: Slot | undefined;
  /** Of items that are left out. */
  const problems = new Map<string, string>();

  const interest = createInterest({
    platform,
    lingerMs: LINGER_MS,
    begin() {
      const begun = { abort: new AbortController(), waiting: new AbortController() };
      session = begun;
      if (platform.now() - idleSinceMs > STALE_MS) media.window.clear();
      media.setState("starting");
      lastRun = lastRun.then(() => run(begun.abort.signal)).catch((error) => {
        const { code, message } = asCoded(error);
        platform.log({ level: "error", code, message: `${name}: ${message}` });
        if (!begun.abort.signal.aborted) media.setState("upstream-down", message);
        begun.waiting.abort();
      });
    },
    end() {
      close();
      idleSinceMs = platform.now();
      media.setState("idle");
    },
  });

  function close(): void {
    session?.abort.abort();
    session?.waiting.abort();
    session = undefined;
    aired = undefined;
  }

  async function run(signal: AbortSignal): Promise<void> {
    lane ??= await openProgrammeLane({ name, title, platform, media });
    await runPlayout({
      platform,
      keeper,
      lengths,
      lane,
      openFile,
      failed,
      aired(slot, live) {
        if (signal.aborted) return;
        problems.delete(slot.item.url);
        aired = slot;
        if (live) session?.waiting.abort();
        media.setState("on-air", problem());
      },
      missed(hole) {
        if (signal.aborted) return;
        session?.waiting.abort();
        miss(hole);
      },
    }, signal);
  }

  function miss({ startMs, untilMs, error }: Hole): void {
    const state = untilMs - startMs > LONGEST_WAIT_MS ? "off-air" : "upstream-down";
    media.setState(state, error ? problem() : "Nothing is on just now.");
  }

  async function openFile(item: Item, signal: AbortSignal): Promise<MediaFile> {
    return await openMediaFile(
      await openRangedFile((range) => files.part(item.url, range, signal)),
    );
  }

  async function measureFile(item: Item, signal: AbortSignal): Promise<number> {
    const file = await openFile(item, signal);
    file.close();
    return file.lengthMs;
  }

  function failed(item: Item, error: CodedError): void {
    const text = `${itemTitle(item)} is left out: ${explain(error)}`;
    problems.set(item.url, text);
    platform.log({ level: "warn", code: error.code, message: `${name}: ${text}` });
  }

  /** The newest, of what is still in the schedule. */
  function problem(): string | undefined {
    const { items, filler } = keeper.current();
    const used = new Set([...items, ...(filler ? [filler] : [])].map(({ url }) => url));
    for (const url of problems.keys()) if (!used.has(url)) problems.delete(url);
    return [...problems.values()].at(-1);
  }

  /** Gives a programme that nobody watched some time to have something to play. */
  async function awaitMedia(): Promise<void> {
    interest.touch();
    if (session) await pause(platform, PLAYLIST_WAIT_MS, session.waiting.signal);
  }

  function nowAndNext(): OnNow {
    const nowMs = platform.now();
    const schedule = keeper.current();
    if (!lengths.known(deciding(schedule, nowMs))) return {};
    const stays = aired && aired.startMs <= nowMs && nowMs < aired.endMs;
    const slot = stays ? aired! : onAir(schedule, lengths.of, nowMs);
    const next = upNext(schedule, lengths.of, slot);
    return {
      ...(slot.type === "item" && !slot.fills ? { now: named(slot) } : {}),
      ...(next?.type === "item" ? { next: named(next) } : {}),
    };
  }

  // The directory tells what is on, also of a programme that nobody watches.
  const measured = lengths.measure(deciding(keeper.current(), platform.now()), life.signal);

  return {
    name,
    title,
    handle: ({ count }) => interest.watchers(count),
    async respond(path, request) {
      if (/^(r0\/)?index\.m3u8$|^manifest\.mpd$/.test(path)) await awaitMedia();
      return await media.respond(path, request);
    },
    async listen(request) {
      await awaitMedia();
      return await media.listen(request);
    },
    words() {
      const { title, description } = keeper.current();
      return { ...(title ? { title } : {}), ...(description ? { description } : {}) };
    },
    onNow: nowAndNext,
    stats: () => ({ ...media.stats(), upstream: files.stats() }),
    async stop() {
      life.abort();
      interest.stop();
      close();
      await Promise.all([lastRun, measured]);
    },
  };
}

function named({ item, startMs, endMs }: ItemSlot) {
  return { title: itemTitle(item), startMs, endMs };
}
