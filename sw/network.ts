import { isWhole } from "./partial.ts";
import { isProgressive, type Route } from "./route.ts";

/** Media from the network, in the one way that its element takes throughout. */
export interface Network {
  /** Whether it is of the page's own site. */
  isOwn(url: string): boolean;
  /** Whether the media of `base` comes without CORS, and so is left to the browser alone. */
  leaves(base: string): boolean;
  fetch(request: Request, route: Route): Promise<Response>;
  /** After anything failed: the request as the browser would make it. */
  fetchUntouched(request: Request, route: Route): Promise<Response>;
  /** Bytes `from` to `to` (exclusive) of a film that an element asks for. */
  fetchPart(request: Request, route: Route, from: number, to: number): Promise<Response>;
  /** Bytes `from` to `to` (exclusive) of what `request` asks for. */
  fetchRange(request: Request, from: number, to: number): Promise<Response>;
}

/** `origin` is the page's and the worker's. */
export function createNetwork(origin: string, fetcher: typeof fetch): Network {
  /** By base, whether its media was seen to come with CORS. */
  const cors = new Map<string, boolean>();

  /**
   * Chromium takes no mix of opaque and readable answers for one element: all foreign media is
   * fetched with CORS, whatever the element said. (Opaque ones from before the worker took over, on
   * a first visit, do no harm.) A range that asks for everything is left away,
   * for a 206 cannot be stored; an element takes the 200 just as well.
   */
  function fetchForElement(
    request: Request,
    { url }: Route,
    range: string | null = request.headers.get("range"),
  ): Promise<Response> {
    return fetcher(url, {
      mode: "cors",
      credentials: isOwn(url) ? "same-origin" : "omit",
      headers: range === null || isWhole(range) ? {} : { range },
      signal: request.signal,
    });
  }

  const isOwn = (url: string) => new URL(url).origin === origin;

  return {
    isOwn,
    leaves: (base) => cors.get(base) === false,
    async fetch(request, route) {
      if (!isElements(route)) return await fetcher(request);
      const response = await fetchForElement(request, route);
      cors.set(route.base, true);
      return response;
    },
    async fetchUntouched(request, route) {
      if (isElements(route) && cors.get(route.base)) return await fetchForElement(request, route);
      const response = await fetcher(request);
      if (response.type === "opaque") cors.set(route.base, false);
      return response;
    },
    async fetchPart(request, route, from, to) {
      const response = await fetchForElement(request, route, `bytes=${from}-${to - 1}`);
      cors.set(route.base, true);
      return response;
    },
    fetchRange(request, from, to) {
      const headers = new Headers(request.headers);
      headers.set("range", `bytes=${from}-${to - 1}`);
      return fetcher(new Request(request, { headers }));
    },
  };
}

/** Whether an element asks, not a script. */
function isElements(route: Route): boolean {
  return isProgressive(route) || route.wants === "blob";
}
