/** What a programme plays, and when. Pure. */
import * as v from "valibot";
import { ScheduleError } from "./schedule_error.ts";
import { readRss } from "./schedule_rss.ts";

/** A file, as a schedule names it. */
export interface Item {
  /** Absolute. */
  readonly url: string;
  readonly title?: string;
  /** When it begins, ms since 1970; without one it follows on the item before it. */
  readonly startMs?: number;
  /** How long it is on air, ms; without one as long as the file is. */
  readonly durationMs?: number;
}

export interface Schedule {
  readonly title?: string;
  readonly description?: string;
  /** Whether the items are played over and over; none of them has a start then. */
  readonly loop: boolean;
  /** When the first item begins, or began for the first time, ms since 1970. */
  readonly epochMs: number;
  /** In the order in which they are on air; at least one. */
  readonly items: readonly Item[];
  /** What is played over and over where nothing else is on. */
  readonly filler?: Item;
}

const MAX_ITEMS = 1_000;
/** Its length is remembered under it in the store, whose keys have at most 2 KiB. */
const MAX_URL_CHARACTERS = 1_000;
const MAX_TITLE_CHARACTERS = 300;
/** A day: what is longer is a mistake, such as milliseconds. */
const MAX_DURATION_S = 86_400;

const words = v.pipe(
  v.string("must be text"),
  v.transform((text) => text.replaceAll(/\p{Cc}+/gu, " ").trim().slice(0, MAX_TITLE_CHARACTERS)),
);
const address = v.pipe(v.string("must be an address"), v.minLength(1, "must not be empty"));
const time = v.pipe(
  v.string("must be a time"),
  v.check(
    (text) => /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(text) && !isNaN(Date.parse(text)),
    "must be a time with its zone, such as 2026-12-24T20:00:00Z",
  ),
  v.transform((text) => Date.parse(text)),
);
const seconds = v.pipe(
  v.number("must be a number of seconds"),
  v.minValue(0.1, "must be at least 0.1 seconds"),
  v.maxValue(MAX_DURATION_S, `must be at most ${MAX_DURATION_S} seconds`),
  v.transform((s) => Math.round(s * 1000)),
);

const ItemJson = v.strictObject({
  url: address,
  title: v.exactOptional(words),
  start: v.exactOptional(time),
  duration: v.exactOptional(seconds),
}, unknownOr("must be an object with a url"));

/** The document that README.md shows. */
const ScheduleJson = v.strictObject({
  title: v.exactOptional(words),
  description: v.exactOptional(words),
  loop: v.exactOptional(v.boolean("must be true or false")),
  epoch: v.exactOptional(time),
  items: v.pipe(
    v.array(ItemJson, "must be a list"),
    v.minLength(1, "must have an item"),
    v.maxLength(MAX_ITEMS, `must not have more than ${MAX_ITEMS} items`),
  ),
  filler: v.exactOptional(v.strictObject({
    url: address,
    title: v.exactOptional(words),
    duration: v.exactOptional(seconds),
  }, unknownOr("must be an object with a url"))),
}, unknownOr("must be an object"));

/** For what is no object, has what is not known, or lacks what it needs. */
function unknownOr(text: string) {
  return ({ expected }: v.StrictObjectIssue) =>
    expected === "never" ? "is not known here" : expected.startsWith('"') ? "is missing" : text;
}

const JSON_HINT = "README.md shows what a schedule is made of.";

/** Reads a schedule, JSON or RSS 2.0, that lies at `base`. Throws a `CodedError`. */
export function readSchedule(text: string, base: string): Schedule {
  const isXml = text.trimStart().startsWith("<");
  const { success, output, issues } = v.safeParse(ScheduleJson, isXml ? readRss(text) : json(text));
  if (!success) {
    const [issue] = issues;
    throw new ScheduleError(`${v.getDotPath(issue) ?? "It"} ${issue.message}.`, JSON_HINT);
  }
  const { loop, epoch, title, description, filler } = output;
  const items = output.items.map(({ start, duration, ...item }, at) => ({
    ...resolved(item, `items.${at}`, base),
    ...(start === undefined ? {} : { startMs: start }),
    ...(duration === undefined ? {} : { durationMs: duration }),
  }));
  const timed = items.some(({ startMs }) => startMs !== undefined);
  const schedule: Schedule = {
    ...(title ? { title } : {}),
    ...(description ? { description } : {}),
    loop: loop ?? !timed,
    epochMs: epoch ?? items[0]!.startMs ?? 0,
    items,
    ...(filler
      ? {
        filler: {
          ...resolved(filler, "filler", base),
          ...(filler.duration === undefined ? {} : { durationMs: filler.duration }),
        },
      }
      : {}),
  };
  checkTimes(schedule, epoch !== undefined);
  return schedule;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ScheduleError(`It is no JSON (${(error as Error).message}).`, JSON_HINT);
  }
}

/** A schedule from the web must not lead to anything but HTTP, such as this machine's files. */
function resolved({ url, title }: { url: string; title?: string }, where: string, base: string) {
  const parsed = URL.parse(url, base);
  const own = new URL(base).protocol;
  if (!parsed || !["http:", "https:", own].includes(parsed.protocol)) {
    throw new ScheduleError(
      `${where}.url is no address that can be read: ${url.slice(0, 100)}.`,
      "Give an address that begins with http:// or https://, or one relative to the schedule.",
    );
  }
  if (parsed.href.length > MAX_URL_CHARACTERS) {
    throw new ScheduleError(
      `${where}.url is longer than ${MAX_URL_CHARACTERS} characters.`,
      "Give a shorter address.",
    );
  }
  return { url: parsed.href, ...(title ? { title } : {}) };
}

function checkTimes({ loop, items }: Schedule, hasEpoch: boolean): void {
  const starts = items.map(({ startMs }) => startMs);
  const first = starts.findIndex((start) => start !== undefined);
  if (loop && first >= 0) {
    throw new ScheduleError(
      `items.${first} has a start, but the schedule loops.`,
      "Leave out either loop or the starts.",
    );
  }
  if (!loop && starts[0] === undefined && !hasEpoch) {
    throw new ScheduleError(
      "Nothing says when the first item begins.",
      "Give it a start, or the schedule an epoch, or let it loop.",
    );
  }
  let before = -Infinity;
  starts.forEach((start, at) => {
    if (start !== undefined && start <= before) {
      throw new ScheduleError(
        `items.${at} begins before what stands before it.`,
        "Put the items in the order of their starts.",
      );
    }
    before = start ?? before;
  });
}
