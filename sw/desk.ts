import type { WorkerMessage } from "./bridge.ts";
import type { Clock } from "./clock.ts";
import type { LinkNote } from "./link_note.ts";
import type { Network } from "./network.ts";
import type { Note } from "./note.ts";
import type { PageBook } from "./page_book.ts";
import type { Page } from "./page_talk.ts";
import type { PeerCache } from "./peer_cache.ts";
import type { Route } from "./route.ts";

/** A request that is ours, and whose it is. */
export interface Asked {
  readonly request: Request;
  readonly route: Route;
  /** The client that asks, empty where there is none. */
  readonly page: string;
  /** Keeps the worker alive for work behind the answer. */
  waitUntil(work: Promise<unknown>): void;
}

/** What answers are made with. */
export interface Desk {
  readonly pages: PageBook;
  readonly network: Network;
  readonly cache: PeerCache;
  /** Whether the browser plays HLS by itself. */
  readonly hls: Note<boolean>;
  readonly bandwidth: LinkNote;
  readonly clock: Clock;
  pageOf(id: string): Promise<Page | undefined>;
  fetchBlob(url: string, init: RequestInit): Promise<Response>;
}

/** The last copy of a playlist is for when the edge is away: it need not be newer than this, ms. */
const PLAYLIST_COPY_EVERY_MS = 5_000;

/** Tells the page what was answered without it: playlists are not media, and their bytes not counted. */
export async function report(
  { route, page: id }: Asked,
  { pages, pageOf }: Desk,
  from: Extract<WorkerMessage, { type: "tributary:served" }>["from"],
  served: ArrayBuffer | number,
): Promise<void> {
  if (route.kind === "playlist" || !pages.knows(id, route.base)) return;
  const page = await pageOf(id);
  const bytes = typeof served === "number" ? served : served.byteLength;
  const message = { type: "tributary:served", url: route.url, from, bytes } as const;
  if (route.kind === "segment" && typeof served !== "number") {
    page?.postMessage({ ...message, body: served }, [served]);
  } else page?.postMessage(message, []);
}

/** Stores a copy of a 200 response that is not yet read; `read` gets its body. Goes on in the background. */
export function keep(
  { route, waitUntil }: Asked,
  { cache, clock }: Desk,
  response: Response,
  made: boolean,
  read?: (body: ArrayBuffer) => Promise<void>,
): void {
  const copy = response.clone();
  waitUntil((async () => {
    const live = route.kind !== "init";
    if (route.kind === "playlist") {
      const age = clock.now() - await cache.storedMs(route.url);
      if (age < PLAYLIST_COPY_EVERY_MS) return await copy.body?.cancel();
    }
    const toRead = copy.clone();
    const body = await toRead.arrayBuffer();
    const bytes = body.byteLength;
    await read?.(body);
    await cache.put(route.url, copy, { bytes, live, made });
  })());
}
