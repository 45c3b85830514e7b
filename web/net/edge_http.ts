import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import { pieceSpan, type Span } from "../../edge/protocol/pieces.ts";
import { EDGE_QUERY } from "../../sw/bridge.ts";
import { unitKey } from "../../edge/protocol/unit.ts";

/** An edge that sends nothing for this long is taken for failed, ms. */
export const STALLED_MS = 5_000;
/** Marks requests of the engine, which the worker must not send back to the page. */
export const MARK = `${EDGE_QUERY}=engine`;

export type FetchResult = "complete" | "failed" | "gone";

/** Fetches contiguous pieces of a unit with one single-range request, handing each on as it comes. */
export async function fetchPieces(
  base: string,
  entry: LedgerEntry,
  pieces: Span,
  onPiece: (index: number, bytes: Uint8Array<ArrayBuffer>) => void,
  signal: AbortSignal,
  stalledMs = STALLED_MS,
): Promise<FetchResult> {
  const offset = entry.offset ?? 0;
  const from = offset + pieceSpan(entry, pieces.from).from;
  const to = offset + pieceSpan(entry, pieces.to - 1).to;
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), stalledMs);
  try {
    const response = await fetch(`${base}${entry.uri}?${MARK}`, {
      headers: { range: `bytes=${from}-${to - 1}` },
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.any([signal, stalled.signal]),
    });
    if (response.status === 404 || response.status === 410) return "gone";
    if (response.status !== 206 || !response.body) return "failed";
    const cutter = createCutter(entry, pieces, onPiece);
    // `ReadableStream` is not iterable in every browser yet.
    const reader = response.body.getReader();
    for (let chunk; (chunk = (await reader.read()).value);) {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), stalledMs);
      cutter.add(chunk);
    }
    return cutter.isDone() ? "complete" : "failed";
  } catch {
    return "failed";
  } finally {
    clearTimeout(timer);
    // A body that is not wanted must not go on coming.
    stalled.abort();
  }
}

/** The digest list of a unit, or of a block of a film; `undefined` when the edge does not give it. */
export async function fetchDigests(
  base: string,
  entry: LedgerEntry,
): Promise<Uint8Array | undefined> {
  try {
    const key = unitKey(entry.unit);
    const path = entry.offset === undefined ? `digests/${key}?` : `${entry.uri}?digests=${key}&`;
    const response = await fetch(`${base}${path}${MARK}`, {
      credentials: "omit",
      signal: AbortSignal.timeout(STALLED_MS),
    });
    const body = await response.arrayBuffer();
    return response.ok ? new Uint8Array(body) : undefined;
  } catch {
    return undefined;
  }
}

/** Puts a byte stream back into pieces. */
export function createCutter(
  entry: LedgerEntry,
  pieces: Span,
  onPiece: (index: number, bytes: Uint8Array<ArrayBuffer>) => void,
): { add(chunk: Uint8Array): void; isDone(): boolean } {
  let index = pieces.from;
  let piece = newPiece();
  let filled = 0;

  function newPiece(): Uint8Array<ArrayBuffer> {
    if (index >= pieces.to) return new Uint8Array(0);
    const span = pieceSpan(entry, index);
    return new Uint8Array(span.to - span.from);
  }

  return {
    add(chunk) {
      for (let at = 0; at < chunk.length && index < pieces.to;) {
        const part = chunk.subarray(at, at + piece.length - filled);
        piece.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < piece.length) return;
        onPiece(index++, piece);
        piece = newPiece();
        filled = 0;
      }
    },
    isDone: () => index >= pieces.to,
  };
}
