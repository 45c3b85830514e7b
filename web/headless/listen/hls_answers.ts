import { encodeHex } from "@std/encoding";
import { CodedError } from "../../../edge/media/coded_error.ts";
import { isForHls, MEDIA_TYPES, PLAYLIST_TYPE } from "../../../edge/media/media_types.ts";
import type { Bytes } from "../../../edge/media/stream/bytes.ts";
import type { ChannelDescription } from "../../../edge/protocol/channel.ts";
import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { holdMs } from "../../player/hold.ts";
import type { Ledger } from "../../player/ledger.ts";
import type { Playlists } from "../../player/playlists.ts";
import { containerOf } from "../../stream/ledger_line.ts";
import type { UnitReader } from "../../stream/unit_reader.ts";

/** A player begins with the third segment from the end (RFC 8216bis §6.3.3), and so plays each this many durations after it was listed. */
const BEHIND = 2;

export interface HlsOptions {
  readonly ledger: Ledger;
  readonly playlists: Playlists;
  readonly units: UnitReader;
  readonly init: (uri: string) => Bytes | undefined;
  /** When the newest entry of the ledger came, ms on the clock of `now`. */
  readonly newestMs: () => number;
  readonly now: () => number;
}

/** Answers GET and HEAD of `path` below the channel's media. Throws a `CodedError` where there is nothing. */
export function createHlsAnswers(options: HlsOptions) {
  return async function answer(
    path: string,
    request: Request,
    description: ChannelDescription,
  ): Promise<Response> {
    if (path.endsWith(".m3u8")) return playlist(path, request, description);
    const init = options.init(path);
    if (init) return withBody(request, init, headersOf("video/mp4", init.length));
    const entry = options.ledger.byUri(path);
    if (!entry) throw notHere(path);
    return await segment(entry, request, description);
  };

  function playlist(path: string, request: Request, description: ChannelDescription): Response {
    const foreign = description.renditions.find(({ container }) => !isForHls(container));
    if (foreign) throw notForHls(description.name, foreign.container);
    const written = options.playlists.write(description, path);
    if (!written) throw notHere(path);
    const bytes = new TextEncoder().encode(written.text);
    return withBody(request, bytes, {
      ...headersOf(PLAYLIST_TYPE, bytes.length),
      "Cache-Control": "no-store",
    });
  }

  async function segment(
    entry: LedgerEntry,
    request: Request,
    description: ChannelDescription,
  ): Promise<Response> {
    const headers = {
      ...headersOf(MEDIA_TYPES[containerOf(entry.uri)], entry.length),
      "ETag": `"${encodeHex(entry.root)}"`,
    };
    if (request.method === "HEAD") return new Response(null, { headers });
    const hangUp = new AbortController();
    const parts = options.units.read(entry, deadlineMs(entry, description), hangUp.signal);
    // Only now is it known whether there is anything to answer with.
    let first: IteratorResult<Bytes, void> | undefined = await parts.next();
    const body = new ReadableStream<Bytes>({
      async pull(controller) {
        const { done, value } = first ?? await parts.next();
        first = undefined;
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        hangUp.abort();
        await parts.return();
      },
    }, { highWaterMark: 0 });
    return new Response(body, { headers });
  }

  /** How long partners have: what a player has in its buffer when it asks for this, as players are. */
  function deadlineMs(entry: LedgerEntry, { renditions }: ChannelDescription): number {
    const { ledger, newestMs, now } = options;
    const ageMs = now() - newestMs() + ledger.newest()!.startMs - entry.startMs;
    const hasChoice = renditions.filter(({ kind }) => kind === "main").length > 1;
    return now() + holdMs(BEHIND * entry.durationMs - ageMs, entry.durationMs, hasChoice);
  }
}

function headersOf(type: string, length: number): Record<string, string> {
  return { "Content-Type": type, "Content-Length": `${length}` };
}

function withBody(request: Request, bytes: Bytes, headers: Record<string, string>): Response {
  return new Response(request.method === "HEAD" ? null : bytes, { headers });
}

function notHere(path: string): CodedError {
  return new CodedError(
    "media-not-found",
    `This relay has nothing at ${path.slice(0, 100)}.`,
    "Start from index.m3u8 and follow the addresses in it.",
  );
}

function notForHls(name: string, container: string): CodedError {
  return new CodedError(
    "not-for-hls",
    `This channel is ${container.toUpperCase()}, which HLS does not carry.`,
    `Play /stream/${name} instead: one endless stream.`,
  );
}
