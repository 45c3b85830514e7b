/**
 * Films: elements ask for all that follows a byte, in one request that lasts as long as the film
 * plays. Answered with its first bytes only (RFC 9110 §15.3.7 allows it), they come back for more, and
 * partners can be asked meanwhile.
 *
 * An element of Chromium takes answers of the network alone, or made ones alone: one of the other kind
 * is a `PIPELINE_ERROR_READ` (156; a first answer left to the browser or from `fetch()`, a later one
 * from `new Response()`, or the other way round). So what the worker answers is always made, and what
 * began past it, on a first visit, is left alone: the page says so.
 */
import { partUrl, type WorkerMessage } from "./bridge.ts";
import type { Asked, Desk } from "./desk.ts";
import { fromPage } from "./from_page.ts";
import type { PeerCache } from "./peer_cache.ts";

/**
 * Answers of the network end at a multiple of this, bytes: at the end of a block of a film of up to
 * 2 GiB, so that the page can check what came and give it to others.
 */
const PART_BYTES = 1024 * 1024;

type Chunks = Uint8Array<ArrayBuffer>[];

export async function answerFilm(asked: Asked, desk: Desk): Promise<Response> {
  const { request, route, page } = asked;
  const known = desk.pages.knows(page, route.base);
  const answered = known ? await fromPage(asked, desk) : undefined;
  if (answered) return answered;
  const part = known || desk.pages.isOpening(page) ? partOf(request.headers.get("range")) : null;
  if (!part) return await desk.network.fetch(request, route);
  const response = await desk.network.fetchPart(request, route, part.from, part.to);
  if (response.status !== 206 || !response.body) return response;
  const { status, headers } = response;
  const taken = Promise.withResolvers<Chunks>();
  asked.waitUntil(taken.promise.then((chunks) => handOver(asked, desk, part.from, chunks, known)));
  return new Response(noted(response.body, taken.resolve), { status, headers });
}

/** The same answer as one that the worker made. Of another site's, that may not be read, there is only itself. */
export function made(response: Response): Response {
  const { type, body, status, headers } = response;
  return type === "opaque" || type === "default"
    ? response
    : new Response(body, { status, headers });
}

/** The first bytes of the range that is asked for; `null` where it has no beginning. */
function partOf(range: string | null): { from: number; to: number } | null {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (first === undefined) return null;
  const from = Number(first);
  const end = (Math.floor(from / PART_BYTES) + 1) * PART_BYTES;
  return { from, to: last ? Math.min(end, Number(last) + 1) : end };
}

/** Keeps what is said to be a part of a film. Whether it is one is checked by the page that reads it. */
export function keepPart(cache: PeerCache, url: string, body: Blob): Promise<void> {
  const what = { bytes: body.size, live: false, made: true };
  return cache.put(url, new Response(body), what);
}

/** Tells the page what came past it. One that is still being opened finds it in the peer cache. */
async function handOver(
  { route, page: id }: Asked,
  { pages, pageOf, cache }: Desk,
  at: number,
  chunks: Chunks,
  known: boolean,
): Promise<void> {
  const all = new Blob(chunks);
  // Only a part that begins a block has so much.
  if (all.size === PART_BYTES) await keepPart(cache, partUrl(route.base, at), all);
  if (!pages.knows(id, route.base)) return;
  const body = await all.arrayBuffer();
  const message: WorkerMessage = {
    type: "tributary:served",
    url: route.url,
    from: "edge",
    // What a page's element asked for before it spoke it counts itself, by Resource Timing.
    bytes: known ? body.byteLength : 0,
    body,
    at,
  };
  (await pageOf(id))?.postMessage(message, [body]);
}

/**
 * The same body; `done` is called once with what came of it. It is read at once, whether the element
 * takes it or not: a worker whose event lasts for minutes, as while a viewer pauses, is ended.
 */
function noted(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  done: (chunks: Chunks) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  const taken: Chunks = [];
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { value } = await reader.read().catch((error) => {
        done(taken);
        throw error;
      });
      if (value) {
        taken.push(value);
        return controller.enqueue(value);
      }
      controller.close();
      done(taken);
    },
    cancel(reason) {
      done(taken);
      return reader.cancel(reason);
    },
  }, new ByteLengthQueuingStrategy({ highWaterMark: PART_BYTES }));
}
