import { type Asked, type Desk, keep, report } from "./desk.ts";
import { answerFilm } from "./film.ts";
import { fromPage } from "./from_page.ts";
import { cutResponse, isWhole } from "./partial.ts";
import { isElementsList, streamOf } from "./route.ts";
import { answerStream } from "./stream.ts";

/**
 * Answers as if the worker were not there, only from nearer. Fails where the network does: then
 * the browser may ask as it would have.
 */
export async function answer(asked: Asked, desk: Desk): Promise<Response> {
  if (isElementsList(asked.route) && !await desk.hls.read()) {
    return await answerStream({ ...asked, route: streamOf(asked.route) }, desk);
  }
  if (asked.route.kind === "film") return await answerFilm(asked, desk);
  if (asked.route.kind === "stream") return await answerStream(asked, desk);
  if (!desk.pages.knows(asked.page, asked.route.base)) return await fromStranger(asked, desk);
  switch (asked.route.kind) {
    case "init":
      return await fromCache(asked, desk) ?? await fromNetwork(asked, desk);
    case "segment":
      // The page has most of it already, and counts on it.
      return await fromPage(asked, desk) ?? await fromCache(asked, desk) ??
        await fromNetwork(asked, desk);
    case "playlist":
      return await fromPage(asked, desk) ?? await fromNetwork(asked, desk);
  }
}

/**
 * A page that has not spoken, and that the worker did not see opened: either the worker was ended and
 * has forgotten it, or took over while it loaded. It is asked, and the network does not wait for it.
 */
async function fromStranger(asked: Asked, desk: Desk): Promise<Response> {
  if (asked.route.kind === "init") return await fromNetwork(asked, desk);
  const page = fromPage(asked, desk).then((response) => response ?? Promise.reject());
  return await Promise.any([page, fromNetwork(asked, desk)]);
}

/** What is stored, as the asker takes it: an element only whole, for it refuses a body that we cut. */
async function fromCache(asked: Asked, desk: Desk): Promise<Response | undefined> {
  const { request, route } = asked;
  const range = request.headers.get("range");
  const streams = route.wants === "stream";
  if (!streams && !isWhole(range)) return undefined;
  const stored = await desk.cache.match(route.url, streams);
  if (!stored) return undefined;
  const copy = stored.clone();
  asked.waitUntil(copy.arrayBuffer().then((body) => report(asked, desk, "cache", body)));
  return streams ? await cutResponse(stored, range) : stored;
}

/** The network's answer, which the page and the peer cache get too: it is never fetched twice. */
async function fromNetwork(asked: Asked, desk: Desk): Promise<Response> {
  const { request, route } = asked;
  let response: Response;
  try {
    response = await desk.network.fetch(request, route);
  } catch (error) {
    const copy = await fromCache(asked, desk);
    if (copy) return copy;
    throw error;
  }
  if (response.status >= 500) return await fromCache(asked, desk) ?? response;
  // For a stranger's first picture a copy would only be slow; it finds out by itself what it had.
  if (!desk.pages.knows(asked.page, route.base)) return response;
  if (response.status === 200) {
    keep(asked, desk, response, false, (body) => report(asked, desk, "edge", body));
  } else if (response.status === 206) {
    const bytes = Number(response.headers.get("content-length"));
    asked.waitUntil(report(asked, desk, "edge", bytes));
  }
  return response;
}
