/**
 * The contract between the worker and the pages it serves. The worker keeps no state that it cannot
 * ask for again; the page owns the peers, the ledger and the engine.
 */

/** Raised when the two no longer understand each other; a worker ignores pages of another version. */
export const BRIDGE_VERSION = 1;

/** A page without an answer for this long is taken for silent: the request goes to the network. */
export const ANSWER_TIMEOUT_MS = 400;
/** The same for a page that has not said hello to this worker yet: it may have no tag at all. */
export const STRANGER_TIMEOUT_MS = 80;
/** How often a page says hello again, which also keeps the worker awake (Firefox ends it after 30 s). */
export const HELLO_INTERVAL_MS = 10_000;
/** The Cache Storage of media that outlives the page that had it. The worker writes, pages read films. */
export const MEDIA_CACHE = "tributary-media-v1";

/** Under which the peer cache keeps what a film, of this URL without a query, has from byte `at` on. */
export function partUrl(film: string, at: number | ""): string {
  return `${film}?at=${at}`;
}

/** The page's own requests to the edge carry this query parameter: the worker passes them over. */
export const EDGE_QUERY = "tributary";

/** From page to worker, over `ServiceWorker.postMessage`. */
export type PageMessage =
  | {
    type: "tributary:hello";
    version: number;
    /** Absolute URL of the channel's media, ending in a slash. */
    base: string;
    /** The most that the peer cache of this site may keep, bytes. */
    cacheBytes: number;
    /** Of a film: the element began with answers of the network, past the worker, and takes no others. */
    past?: boolean;
  }
  /**
   * Whether the browser plays HLS by itself, and what a stream that begins now may need, bits a second,
   * as the page measured it and as the browser has it, where that is known. Once `hls` is noted the worker
   * says so on the port that came along. Said again and again it keeps the worker awake while there is
   * nothing else to say.
   */
  | {
    type: "tributary:plays";
    hls: boolean;
    bandwidth?: number | undefined;
    hint?: number | undefined;
  }
  /** All of a block of a film, for the peer cache; `url` is its `partUrl`. */
  | { type: "tributary:keep"; url: string; body: Blob }
  /** The page goes away, or gives the channel back to the network. */
  | { type: "tributary:bye"; base: string };

/** What a page says of what it plays. */
export type PageWord = Extract<PageMessage, { base: string }>;

/** From worker to page, over `Client.postMessage`. */
export type WorkerMessage =
  /** The element or a player asks; the page answers on the port. */
  | {
    type: "tributary:request";
    version: number;
    url: string;
    /** `blob` for elements that take only responses that came from `fetch()`, else `stream`. */
    wants: "blob" | "stream";
    /** The request's Range header. */
    range: string | null;
    port: MessagePort;
  }
  /** The worker answered without the page. `body` comes along when it is a whole segment, or a part of a film. */
  | {
    type: "tributary:served";
    url: string;
    from: "edge" | "cache";
    bytes: number;
    body?: ArrayBuffer;
    /** Where in a film the body begins, bytes. */
    at?: number;
  };

/** The bytes of a film that an answer has, of all `length` of it. The element asks again for what follows. */
export interface FilmPart {
  readonly from: number;
  readonly to: number;
  /** Chunks may be so long in coming before the network is asked, ms: they come when they are due. */
  readonly silenceMs: number;
}

/** From page to worker on the port of a request, in this order: `working`?, then one answer. */
export type PageAnswer =
  /** An answer is being made and comes within `ms`, or else the network shall answer. */
  | { type: "working"; ms: number }
  /** The whole body, by blob URL. The worker says `done` when the URL can go. */
  | { type: "blob"; url: string; contentType: string; cache: boolean }
  /** Head of a body that follows in chunks, in order. */
  | { type: "head"; contentType: string; length: number; cache: boolean; part?: FilmPart }
  /**
   * An endless body, transferred, that begins where it was asked to. `token` names its beginning, as
   * `Tributary-Resume` does. While nothing is to come an empty chunk a second says that the page is
   * there. It errors where the network shall go on at its very byte.
   */
  | {
    type: "endless";
    contentType: string;
    token: string;
    body: ReadableStream<Uint8Array<ArrayBuffer>>;
  }
  | { type: "chunk"; bytes: Uint8Array<ArrayBuffer> }
  | { type: "end" }
  /** Not ours, or not now. */
  | { type: "network"; reason: string };

/** From worker to page on the port of a request. */
export type WorkerReply =
  /** The answer was used, or given up: blob URLs can be revoked, streams ended. */
  { type: "done"; used: boolean };

/**
 * The byte that a Range header asks an endless stream to go on with; 0 for one that does not, or that
 * asks for less than all that follows: such ranges are ignored.
 */
export function goesOnFrom(range: string | null): number {
  return Number(/^bytes=(\d{1,15})-$/i.exec(range ?? "")?.[1] ?? 0);
}
