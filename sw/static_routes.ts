import { ALONE_QUERY } from "./bridge.ts";

/** A rule of the Static Routing API of service workers: what goes to the network without a word to us. */
export interface StaticRoute {
  readonly condition: Readonly<Record<string, unknown>>;
  readonly source: "network";
}

const MEDIA = { urlPattern: { pathname: "*/live/*" } };

/**
 * Keeps the worker out of the way of a page that loads: media need not wait for a worker that has to
 * start first (the page's hello starts it), and what is no media need not wait for it at all, unless
 * the site's own worker, which imports this one, may want it. Chromium only, so far.
 */
export function staticRoutes(query: string): StaticRoute[] {
  const asleep: StaticRoute = {
    condition: { ...MEDIA, requestMethod: "get", runningStatus: "not-running" },
    source: "network",
  };
  const foreign: StaticRoute = { condition: { not: MEDIA }, source: "network" };
  return query === ALONE_QUERY ? [asleep, foreign] : [asleep];
}
