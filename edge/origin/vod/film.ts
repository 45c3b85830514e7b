import type { Span } from "../../protocol/pieces.ts";

/** A file to be watched on demand, and where its bytes come from. */
export interface Film {
  /** Below `/vod/`: names that need no escaping, `/` between them. Ledger entries carry it. */
  readonly path: string;
  /** For people. */
  readonly title: string;
  readonly contentType: string;
  /** bytes, at least 1 */
  readonly length: number;
  /** ms since 1970; `undefined` where nobody says. */
  readonly modifiedMs: number | undefined;
  /** Strong, with its quotes: another one when the bytes are others. */
  readonly etag: string;
  read(span: Span): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** A few bytes of what is not played now, where that is not the same as to read them. */
  glance?(span: Span): Promise<Uint8Array<ArrayBuffer>>;
  /** Where the same film is in the quality that so many bits a second are enough for, below `/vod/`. */
  pathFor?(bandwidth: number): string;
}

/** Where films come from. */
export interface FilmSource {
  /** The film as it is just now; `undefined` where it has none of this path. Throws `CodedError`. */
  find(path: string): Promise<Film | undefined>;
  /** Those that it knows of. */
  list(): Promise<Film[]>;
}
