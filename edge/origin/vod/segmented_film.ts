/** Films that lie in segments with a list that is finished, HLS or DASH: each is served as one MP4 file. */
import { CodedError } from "../../media/coded_error.ts";
import { fieldsOf, Mp4Error } from "../../media/mp4_boxes.ts";
import { writeFilmHead } from "../../media/mp4_film.ts";
import { createSampleTables } from "../../media/mp4_samples.ts";
import type { ByteRange, MediaPlaylist } from "../../media/playlist.ts";
import type { Span } from "../../protocol/pieces.ts";
import type { Film } from "./film.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What of a file is a segment. */
export interface FilmPart extends Span {
  readonly film: Film;
}

/** A list of one rendition, with what finds the files that it names. */
export interface FilmList {
  readonly playlist: MediaPlaylist;
  file(uri: string): Promise<Film>;
}

/** All bytes of a film, in order. */
export interface JoinedFilm {
  readonly head: Bytes;
  readonly parts: readonly FilmPart[];
}

/** Segments of other files are looked into side by side. */
const AT_ONCE = 8;
/** In the first bytes of a segment there mostly is all that has to be known of it. */
const GLANCE_BYTES = 4096;
/** Eleven hours of segments of 4 s. */
const MAX_SEGMENTS = 10_000;
const MAX_MOOF_BYTES = 1024 * 1024;
/** Of all movie fragment boxes of a film, which are held while it is opened: 4 million samples of 16 bytes, twice. */
const MAX_TOLD_BYTES = 128 * 1024 * 1024;
/** Any box costs as much of that, bytes: what is made of empty ones has an end too. */
const BOX_BYTES = 64;

/** Joins renditions, the main one first. Throws a `CodedError` where they cannot be one file. */
export async function joinLists(lists: readonly FilmList[]): Promise<JoinedFilm> {
  const lanes = await Promise.all(lists.map(openLane));
  const parts = lanes.flatMap(({ parts }) => parts)
    // Sound goes before the pictures that it is heard with: it is short.
    .toSorted((a, b) => a.startMs - b.startMs || b.lane - a.lane);
  let left = MAX_TOLD_BYTES;
  const spend = (bytes: number) => {
    left -= bytes;
    if (left < 0) throw unusable("takes too much to tell where its samples are");
  };
  const moofs = await inTurns(parts, (part) => moofsOf(part, spend));
  const tables = lanes.map(({ init }) => createSampleTables(init));
  let at = 0;
  parts.forEach((part, index) => {
    for (const { offset, bytes } of moofs[index]!) {
      for (const table of tables[part.lane]!) table.add(bytes, at + offset);
    }
    at += part.to - part.from;
  });
  return { head: writeFilmHead(tables.flat(), at), parts };
}

/** Reads bytes of it, from file to file. */
export function readJoined({ head, parts }: JoinedFilm, span: Span): ReadableStream<Bytes> {
  const chunks = chunksOf(head, parts, span);
  return new ReadableStream<Bytes>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return();
    },
  }, { highWaterMark: 0 });
}

async function* chunksOf(
  head: Bytes,
  parts: readonly FilmPart[],
  { from, to }: Span,
): AsyncGenerator<Bytes, void> {
  if (from < head.length) yield head.slice(from, to);
  let at = head.length;
  for (const part of parts) {
    const end = at + part.to - part.from;
    if (end > from && at < to) {
      const offset = part.from - at;
      const own = { from: Math.max(from, at) + offset, to: Math.min(to, end) + offset };
      // `ReadableStream` gives back its file when who reads it leaves.
      for await (const chunk of part.film.read(own)) yield chunk;
    }
    if (at >= to) return;
    at = end;
  }
}

interface LanePart extends FilmPart {
  readonly lane: number;
  readonly startMs: number;
}

async function openLane({ playlist, file }: FilmList, lane: number) {
  const { segments, endList } = playlist;
  const [first] = segments;
  if (!endList || !first) throw unusable("is not finished");
  if (segments.length > MAX_SEGMENTS) throw unusable("are too many segments");
  if (!first.init) throw unusable("is not of fragmented MP4");
  const named = `${first.init.uri} ${first.init.byteRange?.offset}`;
  for (const { init, encrypted, gap, discontinuity } of segments) {
    if (encrypted) throw unusable("is encrypted");
    if (gap) throw unusable("has gaps");
    if (discontinuity || `${init?.uri} ${init?.byteRange?.offset}` !== named) {
      throw unusable("is of more than one timeline");
    }
  }
  let startMs = 0;
  const starts = segments.map(({ durationMs }) => (startMs += durationMs) - durationMs);
  const files = new Map<string, Promise<Film>>();
  const fileOf = (uri: string) => {
    const known = files.get(uri) ?? file(uri);
    files.set(uri, known);
    return known;
  };
  const parts = await inTurns(segments, async ({ uri, byteRange }, at): Promise<LanePart> => {
    const film = await fileOf(uri);
    return { film, lane, startMs: starts[at]!, ...spanOf(film, byteRange) };
  });
  const initFile = await fileOf(first.init.uri);
  const init = await glance(initFile, spanOf(initFile, first.init.byteRange));
  return { init, parts };
}

function spanOf({ length }: Film, range: ByteRange | undefined): Span {
  if (!range) return { from: 0, to: length };
  const [from, to] = [range.offset, range.offset + range.length];
  if (from === to || to > length) throw unusable("is a range that its file has not");
  return { from, to };
}

/** The movie fragment boxes of a segment, and where in it they are. `spend` is told of bytes before they are held. */
async function moofsOf(
  { film, from, to }: FilmPart,
  spend: (bytes: number) => void,
): Promise<{ offset: number; bytes: Bytes }[]> {
  const found: { offset: number; bytes: Bytes }[] = [];
  let seen = { from, bytes: new Uint8Array() };
  const bytesAt = async (at: number, length: number): Promise<Bytes> => {
    if (at + length > seen.from + seen.bytes.length) {
      const until = Math.min(to, at + Math.max(length, GLANCE_BYTES));
      seen = { from: at, bytes: await glance(film, { from: at, to: until }) };
    }
    return seen.bytes.slice(at - seen.from, at - seen.from + length);
  };
  for (let at = from; at < to;) {
    spend(BOX_BYTES);
    const header = await bytesAt(at, 16);
    const fields = fieldsOf(header, { type: "a box", start: 0, body: 0, end: header.length });
    const size32 = fields.u32();
    const type = fields.u32();
    const size = size32 === 1 ? fields.u64() : size32 === 0 ? to - at : size32;
    if (size < 8 || at + size > to) {
      throw new Mp4Error(
        "mp4-malformed",
        `A box at byte ${at} of ${film.path} has no such length.`,
      );
    }
    if (type === MOOF) {
      if (size > MAX_MOOF_BYTES) throw new Mp4Error("mp4-malformed", "A moof is too long.");
      spend(size);
      found.push({ offset: at - from, bytes: await bytesAt(at, size) });
    }
    at += size;
  }
  return found;
}

const MOOF = 0x6d6f6f66;

async function glance(film: Film, span: Span): Promise<Bytes> {
  return await film.glance?.(span) ??
    new Uint8Array(await new Response(film.read(span)).arrayBuffer());
}

/** `work` for each, a few at a time; where it fails for one no other is begun. */
async function inTurns<T, R>(
  all: readonly T[],
  work: (one: T, at: number) => Promise<R>,
): Promise<R[]> {
  const done: R[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let at; (at = next++) < all.length;) {
      try {
        done[at] = await work(all[at]!, at);
      } catch (error) {
        next = all.length;
        throw error;
      }
    }
  }));
  return done;
}

export function unusable(why: string): CodedError {
  return new CodedError(
    "list-unusable",
    `What the list names ${why}.`,
    "Only finished lists of fragmented MP4 are films: give a player library the list itself.",
  );
}
