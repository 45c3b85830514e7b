/** Where a listener began, so that another connection can go on at the very byte. */
export interface StreamPlace {
  /** Of this run of the edge: places mean nothing in another. */
  readonly life: string;
  /** Where the media began on the line. */
  readonly at: number;
  /** Bytes of init that were sent before it. */
  readonly initBytes: number;
}

/** A wish to go on with the byte `from` of a stream, counted from its own beginning. */
export interface Resume {
  readonly place: StreamPlace;
  readonly from: number;
  /** How it was asked: by range, to be answered with 206, or by query. */
  readonly by: "range" | "query";
  /** Whether something else must not come in its place. */
  readonly strict: boolean;
}

export function formatPlace({ life, at, initBytes }: StreamPlace): string {
  return `${life}.${at}.${initBytes}`;
}

/** Where on the line that is; `undefined` for a place within the init. */
export function lineAt({ place, from }: Resume): number | undefined {
  return from < place.initBytes ? undefined : place.at + from - place.initBytes;
}

/**
 * What a request asks to go on with: `Range: bytes=N-` together with `Tributary-Resume: TOKEN` or,
 * as caches and browsers do, `If-Range: "TOKEN"`; or else `?resume=TOKEN&from=N`.
 */
export function readResume(request: Request): Resume | undefined {
  const query = new URL(request.url).searchParams;
  const asked = readPlace(query.get("resume"));
  const from = query.get("from") ?? "";
  if (asked && isCount(from)) {
    return { place: asked, from: Number(from), by: "query", strict: true };
  }
  const first = /^bytes=(\d{1,15})-$/.exec(request.headers.get("Range") ?? "")?.[1];
  const token = request.headers.get("Tributary-Resume");
  const tag = /^"(.*)"$/.exec(request.headers.get("If-Range") ?? "")?.[1];
  const place = readPlace(token ?? tag ?? null);
  if (!place || first === undefined) return undefined;
  return { place, from: Number(first), by: "range", strict: token !== null };
}

function readPlace(token: string | null): StreamPlace | undefined {
  const [life = "", at = "", initBytes = "", ...rest] = (token ?? "").split(".");
  if (rest.length > 0 || !/^[0-9a-f]{8}$/.test(life) || !isCount(at) || !isCount(initBytes)) {
    return undefined;
  }
  return { life, at: Number(at), initBytes: Number(initBytes) };
}

function isCount(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}
