import type { StreamPlace } from "../../protocol/ledger_entry.ts";

/** Names where an answer began, and where one shall go on. */
export const RESUME_HEADER = "Tributary-Resume";

/**
 * Where a listener began, so that another connection, to the edge or to another relay, can go on at
 * the very byte.
 */
export interface StreamStart extends StreamPlace {
  /** Bytes of init that were sent before it. */
  readonly initBytes: number;
}

/** A wish to go on with the byte `from` of a stream, counted from its own beginning. */
export interface Resume {
  readonly start: StreamStart;
  readonly from: number;
  /** How it was asked: by range, to be answered with 206, or by query. */
  readonly by: "range" | "query";
  /** Whether something else must not come in its place. */
  readonly strict: boolean;
}

export function formatStart({ life, at, initBytes }: StreamStart): string {
  return `${life.toString(16).padStart(8, "0")}.${at}.${initBytes}`;
}

/** Which byte of the stream that is; `undefined` for one within the init. */
export function placeOf({ start: { life, at, initBytes }, from }: Resume): StreamPlace | undefined {
  return from < initBytes ? undefined : { life, at: at + from - initBytes };
}

/**
 * What a request asks to go on with: `Range: bytes=N-` together with `Tributary-Resume: TOKEN` or,
 * as caches and browsers do, `If-Range: "TOKEN"`; or else `?resume=TOKEN&from=N`.
 */
export function readResume(request: Request): Resume | undefined {
  const query = new URL(request.url).searchParams;
  const asked = readStart(query.get("resume"));
  const from = query.get("from") ?? "";
  if (asked && isCount(from)) {
    return { start: asked, from: Number(from), by: "query", strict: true };
  }
  const first = /^bytes=(\d{1,15})-$/.exec(request.headers.get("Range") ?? "")?.[1];
  const token = request.headers.get(RESUME_HEADER);
  const tag = /^"(.*)"$/.exec(request.headers.get("If-Range") ?? "")?.[1];
  const start = readStart(token ?? tag ?? null);
  if (!start || first === undefined) return undefined;
  return { start, from: Number(first), by: "range", strict: token !== null };
}

function readStart(token: string | null): StreamStart | undefined {
  const [life = "", at = "", initBytes = "", ...rest] = (token ?? "").split(".");
  if (rest.length > 0 || !/^[0-9a-f]{8}$/.test(life) || !isCount(at) || !isCount(initBytes)) {
    return undefined;
  }
  return { life: parseInt(life, 16), at: Number(at), initBytes: Number(initBytes) };
}

function isCount(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}
