/**
 * The page's end of the contract with the worker for one film: each request of the element becomes
 * demands for pieces, and each answer the first bytes of what was asked for.
 */
import { filmType } from "../../edge/media/film_type.ts";
import {
  blockBytes,
  blockEntry,
  blockSpan,
  type FileIndex,
  piecesOfRange,
} from "../../edge/protocol/file_index.ts";
import { DIGEST_BYTES, type LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import type { Span } from "../../edge/protocol/pieces.ts";
import {
  BRIDGE_VERSION,
  type PageAnswer,
  type PageMessage,
  partUrl,
  type WorkerMessage,
  type WorkerReply,
} from "../../sw/bridge.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** An answer has what is left of its first block, and so many blocks besides: then the element asks again. */
const WHOLE_BLOCKS = 1;

export interface FilmAnswersOptions {
  /** Absolute URL of the film, without a query. */
  readonly url: string;
  readonly cacheBytes: number;
  /** Whether the element began past the worker: then it takes answers of the network alone. */
  isPast(): boolean;
  index(): FileIndex | undefined;
  /** For how long the worker may wait for the next byte, ms. */
  silenceMs(): number;
  /** Begins a demand for pieces of a block, `behind` bytes behind what the element asks for now. */
  demand(id: number, entry: LedgerEntry, pieces: Span, behind: number): void;
  abandon(id: number): void;
  /** The element has got these bytes, or is about to. */
  given(span: Span): void;
  /** The network brought `bytes` of the film; a body that begins at byte `at` comes along. */
  served(bytes: number, at: number, body: Bytes | undefined): void;
}

export interface FilmAnswers {
  /** To be called every `HELLO_INTERVAL_MS`. */
  hello(): void;
  /** The next piece of a demand, in order. */
  deliver(id: number, payload: Bytes): void;
  decline(id: number, reason: string): void;
  /** Gives all that is open to the network: the film has changed. */
  giveUp(): void;
  /** Has the worker keep all that the film has from byte `at` on, up to the end of a block. */
  keep(at: number, pieces: readonly Bytes[]): void;
  close(): void;
}

/** One request that is being answered. */
interface Open {
  readonly span: Span;
  readonly silenceMs: number;
  readonly answer: (message: PageAnswer) => void;
  /** By demand, the byte of the film that its next piece begins with. */
  readonly next: Map<number, number>;
  /** Pieces that came before those that stand before them, by their first byte. */
  readonly early: Map<number, Bytes>;
  /** The byte that goes to the worker next. */
  at: number;
}

export function openFilmAnswers(
  container: ServiceWorkerContainer,
  options: FilmAnswersOptions,
): FilmAnswers {
  const { url } = options;
  const open = new Set<Open>();
  let lastDemand = 0;

  function tell(message: PageMessage): void {
    container.controller?.postMessage(message);
  }
  function hello(): void {
    const { cacheBytes } = options;
    const past = options.isPast();
    tell({ type: "tributary:hello", version: BRIDGE_VERSION, base: url, cacheBytes, past });
  }

  function onMessage({ data }: MessageEvent<WorkerMessage>): void {
    if (!data?.type?.startsWith("tributary:") || data.url.split("?")[0] !== url) return;
    if (data.type === "tributary:served") {
      options.served(data.bytes, data.at ?? 0, data.body && new Uint8Array(data.body));
    } else if (data.version === BRIDGE_VERSION) onRequest(data);
  }

  function onRequest({ range, port }: Extract<WorkerMessage, { type: "tributary:request" }>): void {
    const answer = (message: PageAnswer) => port.postMessage(message);
    const index = options.index();
    const span = index && partOf(range, index);
    if (!index || !span) return answer({ type: "network", reason: "no index, or no such range" });
    const silenceMs = options.silenceMs();
    const next = new Map<number, number>();
    const one: Open = { span, silenceMs, answer, next, early: new Map(), at: span.from };
    open.add(one);
    port.onmessage = ({ data }: MessageEvent<WorkerReply>) => {
      if (data.type !== "done") return;
      end(one);
      port.close();
    };
    answer({ type: "working", ms: silenceMs });
    options.given({ from: span.from, to: span.from });
    for (const { block, pieces } of piecesOfRange(index.file, span)) {
      // The one before may have been declined, and all of the answer with it.
      if (!open.has(one)) return;
      const root = index.roots.subarray(block * DIGEST_BYTES, (block + 1) * DIGEST_BYTES);
      const entry = blockEntry(index.file, block, root);
      const first = blockSpan(index.file, block).from + pieces.from * entry.pieceBytes;
      one.next.set(++lastDemand, first);
      options.demand(lastDemand, entry, pieces, first - span.from);
    }
  }

  function end(one: Open): void {
    open.delete(one);
    for (const id of one.next.keys()) options.abandon(id);
  }

  function find(id: number): Open | undefined {
    return [...open].find(({ next }) => next.has(id));
  }

  container.addEventListener("message", onMessage);
  container.addEventListener("controllerchange", hello);
  container.startMessages();
  hello();

  return {
    hello,
    deliver(id, payload) {
      const one = find(id);
      if (!one) return;
      const from = one.next.get(id)!;
      one.next.set(id, from + payload.length);
      one.early.set(from, payload);
      pass(one);
    },
    decline(id, reason) {
      const one = find(id);
      if (!one) return;
      one.next.delete(id);
      end(one);
      one.answer({ type: "network", reason });
    },
    giveUp() {
      for (const one of [...open]) {
        end(one);
        one.answer({ type: "network", reason: "the film has changed" });
      }
    },
    keep(at, pieces) {
      tell({ type: "tributary:keep", url: partUrl(url, at), body: new Blob([...pieces]) });
    },
    close() {
      container.removeEventListener("message", onMessage);
      container.removeEventListener("controllerchange", hello);
      tell({ type: "tributary:bye", base: url });
    },
  };

  /** Hands on what is there, in order. */
  function pass(one: Open): void {
    const { span, early, answer } = one;
    for (;;) {
      const [from, piece] = [...early].find(([from, piece]) =>
        from <= one.at && one.at < from + piece.length
      ) ?? [];
      if (from === undefined || !piece) return;
      early.delete(from);
      if (one.at === span.from) answer(head(one));
      const bytes = piece.slice(one.at - from, span.to - from);
      answer({ type: "chunk", bytes });
      one.at += bytes.length;
      options.given({ from: span.from, to: one.at });
      if (one.at < span.to) continue;
      answer({ type: "end" });
      return end(one);
    }
  }

  function head({ span, silenceMs }: Open): PageAnswer {
    const { length } = options.index()!.file;
    const part = { ...span, silenceMs };
    const contentType = filmType(url) ?? "video/mp4";
    return { type: "head", contentType, length, cache: false, part };
  }
}

/** The first bytes of a range that begins somewhere; `undefined` where it does not. */
export function partOf(range: string | null, { file }: FileIndex): Span | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (first === undefined || Number(first) >= file.length) return undefined;
  const from = Number(first);
  const end = (Math.floor(from / blockBytes(file)) + 1 + WHOLE_BLOCKS) * blockBytes(file);
  return { from, to: Math.min(end, file.length, last ? Number(last) + 1 : Infinity) };
}
