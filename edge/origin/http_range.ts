/** Range requests for one range of bytes, RFC 9110 §14. */
export type RangeAnswer =
  /** No range, or one that may be ignored: 200 with everything. */
  | { readonly type: "full" }
  /** 206 with the bytes `from … to`, half open. */
  | { readonly type: "part"; readonly from: number; readonly to: number }
  /** 416 */
  | { readonly type: "unsatisfiable" };

const FULL: RangeAnswer = { type: "full" };
const UNSATISFIABLE: RangeAnswer = { type: "unsatisfiable" };

/**
 * What a Range header asks of `length` bytes. Other units, several ranges and text that is no
 * range are ignored, as §14.2 allows.
 */
export function readRange(header: string | null, length: number): RangeAnswer {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? "");
  if (!match) return FULL;
  const [first, last] = [match[1]!, match[2]!];
  if (first === "") {
    if (last === "") return FULL;
    const from = Math.max(0, length - Number(last));
    return from < length ? { type: "part", from, to: length } : UNSATISFIABLE;
  }
  const from = Number(first);
  const to = last === "" ? length : Number(last) + 1;
  if (to <= from && last !== "") return FULL;
  return from < length ? { type: "part", from, to: Math.min(to, length) } : UNSATISFIABLE;
}

/** Whether If-Range lets the range stand (§13.1.5): only for the strong ETag that is current. */
export function ifRangeHolds(header: string | null, etag: string): boolean {
  return header === null || header.trim() === etag;
}

/** Whether If-None-Match names this ETag (§13.1.2), so that 304 is the answer. */
export function noneMatchNames(header: string | null, etag: string): boolean {
  if (header === null) return false;
  return header.split(",").map((one) => one.trim().replace(/^W\//, ""))
    .some((one) => one === etag || one === "*");
}
