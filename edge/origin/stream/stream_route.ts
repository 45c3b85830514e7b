import { encodeHex } from "@std/encoding";
import { MEDIA_TYPES } from "../../media/media_types.ts";
import type { Platform } from "../../platform/platform.ts";
import type { ChannelDescription } from "../../protocol/channel.ts";
import { errorResponse } from "../error_response.ts";
import { pause } from "../pause.ts";
import type { Station } from "../radio/station.ts";
import { stationHeaders } from "../radio/station.ts";
import type { Titles } from "../radio/titles.ts";
import type { ByteLine } from "./byte_line.ts";
import type { Bytes } from "./bytes.ts";
import type { ChangeSignal } from "./change_signal.ts";
import { createIcyBlocks, ICY_INTERVAL_BYTES } from "./icy_blocks.ts";
import { listen } from "./listener.ts";
import { formatPlace, lineAt, readResume, type Resume, type StreamPlace } from "./resume.ts";

/** What `/stream/CHANNEL` is answered from. */
export interface StreamServed {
  readonly title: string;
  readonly platform: Platform;
  readonly line: ByteLine;
  readonly titles: Titles;
  readonly changes: ChangeSignal;
  description(): ChannelDescription | undefined;
  station(): Station;
  ended(): boolean;
  /** Why there is no media, for people. */
  problem(): string | undefined;
  /** Bytes that go to a listener; `begins` with the first of them. */
  count(bytes: number, begins: boolean): void;
}

/** What a listener gets at once, so that it need not wait for a full buffer, ms. */
const BURST_MS = 4_000;
/** How long who comes too early is kept waiting, ms. */
const PATIENCE_MS = 8_000;
const RETRY_SECONDS = "2";
/** There is no last byte; RFC 9110 §14.4 wants one. */
const LAST_BYTE = Number.MAX_SAFE_INTEGER - 1;

/** Answers GET and HEAD of the endless stream. */
export function createStreamRoute(
  served: StreamServed,
): (request: Request) => Promise<Response> {
  const life = encodeHex(Uint8Array.from({ length: 4 }, () => served.platform.random() * 256));

  /** Gives a source that has just begun some time to have something to play. */
  async function awaitMedia(): Promise<void> {
    const waiting = new AbortController();
    let patient = true;
    const patience = pause(served.platform, PATIENCE_MS, waiting.signal)
      .then(() => void (patient = false));
    while (patient && !served.description() && !served.ended()) {
      await Promise.race([served.changes.next(), patience]);
    }
    waiting.abort();
  }

  return async (request) => {
    await awaitMedia();
    const description = served.description();
    const main = description?.renditions.find(({ kind }) => kind === "main");
    if (!description || !main) return notYet(served);
    if (description.renditions.some(({ kind }) => kind === "audio")) {
      return renditionsApart(description.name);
    }
    const resume = readResume(request);
    const resumed = resume && resumedAt(resume);
    if (resume?.strict && resumed === undefined) return resumeGone();
    const place = resumed === undefined ? undefined : resume!.place;
    const start = served.line.startBefore(burstMs(request));
    if (!start || (place === undefined && served.ended())) return notYet(served);
    const init = place ? undefined : start.init;
    const own: StreamPlace = place ?? { life, at: start.at, initBytes: init?.length ?? 0 };
    const asksForTitles = request.headers.get("Icy-MetaData") === "1";
    const titled = asksForTitles && (start.container === "mp3" || start.container === "aac");
    const headers = new Headers({
      "Content-Type": MEDIA_TYPES[start.container],
      "Cache-Control": "no-store",
      // A browser that knows no end must not come back for parts.
      "Accept-Ranges": "none",
      "icy-name": served.title,
      ...stationHeaders(served.station()),
    });
    if (titled) {
      headers.set("icy-metaint", `${ICY_INTERVAL_BYTES}`);
    } else {
      headers.set("ETag", `"${formatPlace(own)}"`);
      headers.set("Tributary-Resume", formatPlace(own));
    }
    const byRange = place !== undefined && resume!.by === "range";
    if (byRange) headers.set("Content-Range", `bytes ${resume!.from}-${LAST_BYTE}/*`);
    const status = byRange ? 206 : 200;
    if (request.method === "HEAD") return new Response(null, { status, headers });
    const at = resumed ?? start.at;
    return new Response(body(at, titled, init), { status, headers });
  };

  function body(at: number, titled: boolean, init: Bytes | undefined): ReadableStream<Bytes> {
    const blocks = titled ? createIcyBlocks() : undefined;
    let begun = false;
    return listen({
      line: served.line,
      at,
      ...(init ? { before: init } : {}),
      change: served.changes.next,
      ended: served.ended,
      dress: (bytes, sequence) => blocks ? blocks(bytes, served.titles.at(sequence)) : bytes,
      sent(bytes) {
        served.count(bytes, !begun);
        begun = true;
      },
    });
  }

  /** The place on the line; `undefined` if it is not there any more. */
  function resumedAt(resume: Resume): number | undefined {
    const at = resume.place.life === life ? lineAt(resume) : undefined;
    if (at === undefined) return undefined;
    const { type } = served.line.read(at, true);
    return type === "bytes" || type === "later" ? at : undefined;
  }
}

/** `?burst=SECONDS`: less is nearer to live, more is safer. */
function burstMs(request: Request): number {
  const asked = new URL(request.url).searchParams.get("burst");
  return asked !== null && /^\d{1,2}$/.test(asked) ? Number(asked) * 1000 : BURST_MS;
}

function notYet(served: StreamServed): Response {
  return errorResponse(503, {
    code: "channel-not-ready",
    message: served.problem() ?? "The channel has no media yet.",
    hint: `Try again in ${RETRY_SECONDS} seconds.`,
  }, { "Retry-After": RETRY_SECONDS });
}

function renditionsApart(name: string): Response {
  return errorResponse(404, {
    code: "renditions-apart",
    message: "Picture and sound of this channel come apart from each other, not in one stream.",
    hint: `Play /live/${name}/index.m3u8 instead.`,
  });
}

function resumeGone(): Response {
  return errorResponse(410, {
    code: "resume-gone",
    message: "The place where this listener left off is not held any more.",
    hint: "Begin anew, without the token.",
  });
}
