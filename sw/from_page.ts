import { type Asked, type Desk, keep, report } from "./desk.ts";
import { type PageTalk, talkTo } from "./page_talk.ts";
import type { FilmPart } from "./bridge.ts";
import { RESUME } from "./stream.ts";
import { cutResponse, isWhole, partialResponse, planRange, type RangePlan } from "./partial.ts";
import { spliceBody } from "./splice.ts";

/** The answer of the page that asks, or `undefined` where it has none in time. */
export async function fromPage(asked: Asked, desk: Desk): Promise<Response | undefined> {
  const { request, route, page: id } = asked;
  const patienceMs = desk.pages.patienceMs(id, route.base, desk.clock.now());
  const page = patienceMs > 0 ? await desk.pageOf(id) : undefined;
  if (!page) return undefined;
  const question = { url: route.url, wants: route.wants, range: request.headers.get("range") };
  const talk = await talkTo(page, question, patienceMs, desk.clock);
  if (talk.answer.type === "silent") {
    desk.pages.silent(id, route.base, patienceMs, desk.clock.now());
  } else desk.pages.answered(id, route.base);
  // Whatever is wrong with the answer, such as a revoked URL: the network has it.
  const response = await responseTo(asked, desk, talk).catch(() => undefined);
  if (!response) talk.done(false);
  return response;
}

async function responseTo(
  asked: Asked,
  desk: Desk,
  talk: PageTalk,
): Promise<Response | undefined> {
  const { answer } = talk;
  if (answer.type === "blob") return await fromBlob(asked, desk, talk, answer);
  if (answer.type === "endless") {
    talk.done(true);
    const { contentType, token, body } = answer;
    return new Response(body, { headers: { "content-type": contentType, [RESUME]: token } });
  }
  // Native HLS refuses a response that did not come from `fetch()`.
  if (answer.type !== "stream" || asked.route.wants !== "stream") return undefined;
  if (asked.route.kind === "playlist") return await fromText(asked, desk, talk, answer);
  return fromStream(asked, desk, talk, answer);
}

type BlobAnswer = Extract<PageTalk["answer"], { type: "blob" }>;
type StreamAnswer = Extract<PageTalk["answer"], { type: "stream" }>;

async function fromBlob(
  asked: Asked,
  desk: Desk,
  talk: PageTalk,
  answer: BlobAnswer,
): Promise<Response | undefined> {
  const { request, route } = asked;
  const range = request.headers.get("range");
  if (route.wants === "stream") {
    const response = await desk.fetchBlob(answer.url, {});
    if (isKept(asked, answer)) keep(asked, desk, response, false);
    const result = await cutResponse(response, range);
    talk.done(true);
    return result;
  }
  const part = range !== null && !isWhole(range);
  const response = await desk.fetchBlob(answer.url, part ? { headers: { range } } : {});
  if (response.status !== (part ? 206 : 200)) return undefined;
  if (!part && isKept(asked, answer)) keep(asked, desk, response, false);
  // From here on the URL may be revoked: the body is read to its end all the same.
  talk.done(true);
  return response;
}

/** The last playlist is kept whatever the page says: the worker needs it when the page is gone. */
function isKept({ route }: Asked, answer: BlobAnswer | StreamAnswer): boolean {
  return answer.cache || route.kind === "playlist";
}

/** A playlist is another one at each request: there is nothing to splice, it is whole or not. */
async function fromText(
  asked: Asked,
  desk: Desk,
  talk: PageTalk,
  answer: StreamAnswer,
): Promise<Response | undefined> {
  const chunks = [];
  for (let bytes = await answer.next(); bytes; bytes = await answer.next()) chunks.push(bytes);
  const body = new Blob(chunks);
  if (body.size !== answer.length) return undefined;
  const response = new Response(body, { headers: { "content-type": answer.contentType } });
  keep(asked, desk, response, true);
  talk.done(true);
  return response;
}

function fromStream(
  asked: Asked,
  desk: Desk,
  talk: PageTalk,
  answer: StreamAnswer,
): Response | undefined {
  const { request } = asked;
  const { contentType, length, part } = answer;
  const whole = planRange(length, request.headers.get("range"));
  const plan = part ? shortened(whole, part) : whole;
  if (!plan) return undefined;
  if (plan.status === 416 || plan.to === 0) {
    talk.done(true);
    return partialResponse(plan, length, contentType, null);
  }
  const closed = Promise.withResolvers<Blob | undefined>();
  asked.waitUntil(closed.promise.then((body) => {
    talk.done(body !== undefined);
    if (body?.size !== length || !isKept(asked, answer)) return;
    const headers = { "content-type": contentType };
    const what = { bytes: length, live: true, made: true };
    return desk.cache.put(asked.route.url, new Response(body, { headers }), what);
  }));
  const body = spliceBody({
    ...plan,
    begin: part?.from ?? 0,
    // An element that pauses must not keep the worker: see `film.ts`.
    aheadBytes: part ? part.to - part.from : 1,
    next: answer.next,
    rest: (from, to) =>
      part ? restOfFilm(asked, desk, from, to) : desk.network.fetchRange(request, from, to),
    closed: closed.resolve,
  });
  return partialResponse(plan, length, contentType, body);
}

/** The first bytes of a range, as many as the page answers with. */
function shortened(plan: RangePlan, { from, to }: FilmPart): RangePlan | undefined {
  if (plan.status !== 206 || plan.from !== from) return undefined;
  return { ...plan, to: Math.min(plan.to, to) };
}

function restOfFilm(asked: Asked, desk: Desk, from: number, to: number): Promise<Response> {
  asked.waitUntil(report(asked, desk, "edge", to - from));
  return desk.network.fetchPart(asked.request, asked.route, from, to);
}
