import type { Desk } from "./desk.ts";
import { isElementsList, isProgressive, type Route, routeOf } from "./route.ts";

/** What of a `FetchEvent` decides. */
export interface Arrival {
  readonly request: Parameters<typeof routeOf>[0];
  /** The page that asks, empty where there is none. */
  readonly clientId: string;
  /** The page that a navigation makes, empty for all else. */
  readonly resultingClientId: string;
}

/**
 * The route of a request that the worker answers, or `undefined` for one that it leaves to the
 * browser there and then. That costs next to nothing, while each answer handed through the worker
 * takes some 15 ms: six of them made the first picture of a second visit 1.3 × as late. A page that
 * is being opened has no partners yet whom it could be given anything from.
 */
export function takeOn(
  { request, clientId, resultingClientId }: Arrival,
  { pages, network, hls }: {
    pages: Desk["pages"];
    network: Pick<Desk["network"], "leaves" | "isOwn">;
    hls: Pick<Desk["hls"], "known">;
  },
): Route | undefined {
  if (resultingClientId) pages.opened(resultingClientId);
  const route = routeOf(request);
  const [playlist] = /^.*\/(?=[^/?#]+\.(m3u8|mpd)([?#]|$))/.exec(request.url) ?? [];
  if (playlist) pages.listed(clientId, playlist);
  if (!route || network.leaves(route.base)) return undefined;
  // A film's first request would bring all of it, past all partners: see `film.ts`.
  const left = isProgressive(route)
    // What a playlist of the site's own lists is no film: HLS elements refuse what the worker makes.
    ? pages.isPast(clientId, route.base) || pages.isListed(clientId, route.base)
    : pages.isOpening(clientId) && !(isElementsList(route) && isForWorker(route));
  return left ? undefined : route;

  /**
   * A list that the browser cannot read is never left to it. While that is not known those of other
   * sites are, since Chromium takes no mix of answers of theirs: where that was wrong the page loads
   * the element anew.
   */
  function isForWorker({ url }: Route): boolean {
    return !(hls.known() ?? !network.isOwn(url));
  }
}
