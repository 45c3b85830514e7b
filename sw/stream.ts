/**
 * The endless stream of a channel. Each of its bytes has a number, the same at the edge and in every
 * page (PROTOCOL.md §2.7): so an answer goes over from one to the other in mid-stream, at the very
 * byte. It begins at the edge where a page is being opened, and at the page where that is at work.
 */
import { goesOnFrom } from "./bridge.ts";
import { within } from "./clock.ts";
import { type Asked, type Desk, report } from "./desk.ts";
import { fromPage } from "./from_page.ts";

/** The header that names where an answer began. */
export const RESUME = "tributary-resume";
/** There is no last byte; RFC 9110 §14.4 wants one. */
const LAST_BYTE = Number.MAX_SAFE_INTEGER - 1;
/** A page that has said nothing for so long is not waited for: the network goes on, ms. */
const SILENCE_MS = 2_500;
/** The longest that a timer can wait, ms: there is nobody else to ask for what the network is slow with. */
const NEVER_MS = 2 ** 31 - 1;
/** What was noted of the link is not waited for longer, ms. */
const NOTE_MS = 200;
/** A page is asked again after this, ms. */
const ASK_AGAIN_MS = 5_000;

type Bytes = Uint8Array<ArrayBuffer>;

interface Source {
  readonly reader: ReadableStreamDefaultReader<Bytes>;
  readonly ofPage: boolean;
  /** The byte of the answer that it gives next. */
  at: number;
  reading?: Promise<ReadableStreamReadResult<Bytes>> | undefined;
}

/** A request that leaves the quality open asks for the best that there is bandwidth for. */
async function chosen(asked: Asked, desk: Desk): Promise<Asked> {
  const bits = await within(desk.clock, NOTE_MS, desk.bandwidth.read());
  const url = new URL(asked.route.url);
  if (!bits || url.searchParams.has("bandwidth")) return asked;
  url.searchParams.set("bandwidth", `${bits}`);
  return { ...asked, route: { ...asked.route, url: url.href } };
}

export async function answerStream(asked: Asked, desk: Desk): Promise<Response> {
  const { request, route, page } = asked;
  const { pages, network, clock } = desk;
  /** The byte that the element gets next. */
  let at = goesOnFrom(request.headers.get("range"));
  const resumes = at > 0;
  // Of an answer that broke off an element may want the rest.
  let token = resumes ? pages.beginningOf(page, route.base) : undefined;
  const begins = token ? rest() : await chosen(asked, desk);
  const ofPage = pages.isOpening(page) ? undefined : await fromPage(begins, desk);
  // Nobody knows what the bytes were counted from: an element that fails is begun anew.
  if (!ofPage && resumes && !token) return new Response(null, { status: 410 });
  const first = ofPage ?? await network.fetch(request, begins.route);
  token = first.headers.get(RESUME) ?? undefined;
  if (!token || !first.body) return first;
  pages.began(page, route.base, token);
  const headers = new Headers(first.headers);
  if (resumes) headers.set("content-range", `bytes ${at}-${LAST_BYTE}/*`);
  let source = sourceOf(first, ofPage !== undefined)!;
  /** The page's, where that has been asked to go on. */
  let coming: Source | undefined;
  let askAgainMs = 0;
  let untold = 0;
  let closed = false;

  /** What is asked for to go on here. */
  function rest(): Asked {
    const query = new URLSearchParams({ resume: token!, from: `${at}` });
    return { ...asked, route: { ...route, url: `${route.base}?${query}` } };
  }

  function sourceOf(response: Response | undefined, ofPage: boolean, from = at) {
    const body = response?.ok ? response.body : undefined;
    return body ? { reader: body.getReader(), ofPage, at: from } as Source : undefined;
  }

  async function askPage(): Promise<void> {
    askAgainMs = clock.now() + ASK_AGAIN_MS;
    const from = at;
    coming = sourceOf(await fromPage(rest(), desk), true, from);
    if (closed) coming?.reader.cancel();
  }

  function goOver(to: Source): void {
    source.reader.cancel().catch(() => {});
    source = to;
    coming = undefined;
  }

  /** Another source for one that is silent or broken; `undefined` where there is none. */
  async function another(): Promise<Source | undefined> {
    if (!source.ofPage) {
      await askPage();
      return coming;
    }
    askAgainMs = clock.now() + ASK_AGAIN_MS;
    return sourceOf(await network.fetch(request, rest().route).catch(() => undefined), false);
  }

  /** The next bytes; `undefined` at the end. */
  async function next(): Promise<Bytes | undefined> {
    for (;;) {
      if (coming) goOver(coming);
      if (!source.ofPage && pages.knows(page, route.base) && clock.now() >= askAgainMs) askPage();
      let broken: unknown;
      const reading = source.reading ??= source.reader.read();
      reading.catch((error) => broken = error);
      const patienceMs = source.ofPage ? SILENCE_MS : NEVER_MS;
      const result = await within(clock, patienceMs, reading);
      if (result?.done) return undefined;
      if (result) {
        source.reading = undefined;
        const bytes = result.value.subarray(Math.max(0, at - source.at));
        source.at += result.value.length;
        if (bytes.length > 0) return bytes;
        continue;
      }
      const other = await another();
      if (other) goOver(other);
      else if (broken) throw broken;
    }
  }

  const body = new ReadableStream<Bytes>({
    async pull(controller) {
      const bytes = await next();
      if (!bytes) return controller.close();
      at += bytes.length;
      controller.enqueue(bytes);
      if (source.ofPage) return;
      untold += bytes.length;
      if (!pages.knows(page, route.base)) return;
      report(rest(), desk, "edge", untold);
      untold = 0;
    },
    cancel() {
      closed = true;
      coming?.reader.cancel();
      return source.reader.cancel();
    },
  });
  return new Response(body, { status: resumes ? 206 : 200, headers });
}
