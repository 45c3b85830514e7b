import type { ChannelDescription, Rendition } from "../../protocol/channel.ts";
import type { LedgerEntry, StreamPlace } from "../../protocol/ledger_entry.ts";
import { MEDIA_TYPES } from "../media_types.ts";
import type { Bytes } from "./bytes.ts";
import { qualities } from "./quality.ts";
import { createIcyBlocks, ICY_INTERVAL_BYTES } from "./icy_blocks.ts";
import { listen } from "./listener.ts";
import { formatStart, placeOf, readResume, RESUME_HEADER, type StreamStart } from "./resume.ts";
import { notYet, renditionsApart, resumeGone } from "./stream_error.ts";
import type { StreamLine } from "./stream_line.ts";

/** What `/stream/CHANNEL` is answered from. */
export interface StreamServed {
  readonly title: string;
  /** The line of a main rendition, by its id. */
  line(rendition: number): StreamLine;
  /** The units of a rendition that are known just now, oldest first. */
  units(rendition: number): readonly LedgerEntry[];
  description(): ChannelDescription | undefined;
  /** What the source says of itself, as headers. */
  station(): Record<string, string>;
  /** What plays in the unit with this number; empty where nothing was said. */
  titleAt(sequence: number): string;
  ended(): boolean;
  /** Why there is no media, for people. */
  problem(): string | undefined;
  /** Bytes that go to a listener; `begins` with the first of them. */
  count(bytes: number, begins: boolean): void;
}

/** What a listener gets at once, so that it need not wait for a full buffer, ms. */
const BURST_MS = 4_000;
/** There is no last byte; RFC 9110 §14.4 wants one. */
const LAST_BYTE = Number.MAX_SAFE_INTEGER - 1;

/**
 * Answers GET and HEAD of a channel's endless stream, of the rendition that `?bandwidth=` bits a second
 * are enough for. Throws `StreamError`.
 */
export async function answerStream(request: Request, served: StreamServed): Promise<Response> {
  const description = served.description();
  if (!description) throw notYet(served.problem());
  if (!mayBeOne(description)) throw renditionsApart(description.name);
  const lines = qualities(description, bandwidth(request)).map(({ id }) => served.line(id));
  const resume = readResume(request);
  const wanted = resume && placeOf(resume);
  const going = wanted && await reaching(lines, wanted);
  const resumed = going && wanted;
  if (resume?.strict && !resumed) throw resumeGone();
  const line = going ?? lines.find((one) => one.startBefore(0));
  const start = line?.startBefore(burstMs(request));
  if (!start && neverMerged(description, served)) throw renditionsApart(description.name);
  if (!line || !start || (!resumed && served.ended())) throw notYet(served.problem());
  const init = resumed ? undefined : start.init;
  const own = resumed ? resume!.start : { ...start.place, initBytes: init?.length ?? 0 };
  const asksForTitles = request.headers.get("Icy-MetaData") === "1";
  const titled = asksForTitles && (start.container === "mp3" || start.container === "aac");
  const headers = new Headers({
    "Content-Type": MEDIA_TYPES[start.container],
    "Cache-Control": "no-store",
    // A browser that knows no end must not come back for parts.
    "Accept-Ranges": "none",
    "icy-name": served.title,
    ...served.station(),
    ...(titled ? { "icy-metaint": `${ICY_INTERVAL_BYTES}` } : tokens(own)),
  });
  const byRange = resumed && resume!.by === "range";
  if (byRange) headers.set("Content-Range", `bytes ${resume!.from}-${LAST_BYTE}/*`);
  const status = byRange ? 206 : 200;
  if (request.method === "HEAD") return new Response(null, { status, headers });
  return new Response(body(served, line, resumed ?? start.place, titled, init), {
    status,
    headers,
  });
}

/** The line that a place is on, if one can go on there: places of different renditions have different lives. */
async function reaching(
  lines: readonly StreamLine[],
  place: StreamPlace,
): Promise<StreamLine | undefined> {
  for (const line of lines) if (await line.reaches(place)) return line;
  return undefined;
}

function hasSoundApart({ renditions }: ChannelDescription): boolean {
  return renditions.some(({ kind }) => kind === "audio");
}

/** Whether there is something to begin with. */
export function isReady(served: Pick<StreamServed, "description" | "line">): boolean {
  const description = served.description();
  return description !== undefined &&
    qualities(description, undefined).some(({ id }) => served.line(id).startBefore(0));
}

/** Whether pictures and sound of the channel can become one stream, as far as their containers tell. */
export function mayBeOne(description: ChannelDescription): boolean {
  return !hasSoundApart(description) ||
    description.renditions.every(({ container }) => container === "fmp4");
}

/**
 * Whether there are pictures and sound, and yet no stream of both: pictures that came when there was
 * sound have a place in it, unless the two cannot be merged.
 */
function neverMerged(
  { renditions }: ChannelDescription,
  { units }: Pick<StreamServed, "units">,
): boolean {
  const known = (wanted: Rendition["kind"]) =>
    renditions.filter(({ kind }) => kind === wanted).flatMap(({ id }) => units(id));
  const pictures = known("main");
  const soundMs = Math.min(
    ...known("audio").map(({ startMs, durationMs }) => startMs + durationMs),
  );
  return pictures.some(({ startMs }) => startMs >= soundMs) &&
    pictures.every(({ stream }) => stream === undefined);
}

function tokens(start: StreamStart): Record<string, string> {
  const token = formatStart(start);
  return { "ETag": `"${token}"`, [RESUME_HEADER]: token };
}

function body(
  { titleAt, count }: StreamServed,
  line: StreamLine,
  place: StreamPlace,
  titled: boolean,
  init: Bytes | undefined,
): ReadableStream<Bytes> {
  const blocks = titled ? createIcyBlocks() : undefined;
  let begun = false;
  return listen({
    line,
    place,
    ...(init ? { before: init } : {}),
    dress: (bytes, sequence) => blocks ? blocks(bytes, titleAt(sequence)) : bytes,
    sent(bytes) {
      count(bytes, !begun);
      begun = true;
    },
  });
}

/** `?burst=SECONDS`: less is nearer to live, more is safer. */
function burstMs(request: Request): number {
  const asked = queryNumber(request, "burst");
  return asked !== undefined && asked < 100 ? asked * 1000 : BURST_MS;
}

/** `?bandwidth=BITS` a second. */
function bandwidth(request: Request): number | undefined {
  return queryNumber(request, "bandwidth");
}

function queryNumber(request: Request, name: string): number | undefined {
  const asked = new URL(request.url).searchParams.get(name) ?? "";
  return /^\d{1,15}$/.test(asked) ? Number(asked) : undefined;
}
