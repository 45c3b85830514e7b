import { ANSWER_TIMEOUT_MS, BRIDGE_VERSION, type PageWord, STRANGER_TIMEOUT_MS } from "./bridge.ts";

/** A page that knows us and yet stayed silent is busy: it is left alone this long, ms. */
const BUSY_MS = 2_000;
const MAX_PAGES = 200;

/** Which pages speak to this worker. Lost with the worker, and rebuilt by hellos and answers. */
export interface PageBook {
  /** The page is being loaded, in this worker's sight. */
  opened(page: string): void;
  /** Whether the page was opened in this worker's sight and has not said anything since. */
  isOpening(page: string): boolean;
  /** The page has asked for a playlist in this folder. */
  listed(page: string, folder: string): void;
  /** Whether it has asked for one in a folder above this file. */
  isListed(page: string, file: string): boolean;
  heard(page: string, message: PageWord): void;
  /** The page's element began an endless stream at the place that `token` names. */
  began(page: string, base: string, token: string): void;
  /** Where it began last. */
  beginningOf(page: string, base: string): string | undefined;
  /** The page said something on the port of a request. */
  answered(page: string, base: string): void;
  /** The page let `patienceMs` pass without a word. */
  silent(page: string, base: string, patienceMs: number, nowMs: number): void;
  /** How long to wait for the page's first word, ms; 0: do not ask it. */
  patienceMs(page: string, base: string, nowMs: number): number;
  /** Whether the page has spoken of this channel. */
  knows(page: string, base: string): boolean;
  /** Whether the page has said that its element takes answers of the network alone. */
  isPast(page: string, base: string): boolean;
}

type Standing =
  | { readonly known: true; readonly askAgainMs: number; readonly past?: boolean }
  /** A stranger that was asked and stayed silent, or one of another version: it waits for its hello. */
  | { readonly known: false };

export function createPageBook(): PageBook {
  const opening = new Set<string>();
  const folders = new Set<string>();
  const standings = new Map<string, Standing>();
  const beginnings = new Map<string, string>();
  const keyOf = (page: string, base: string) => `${page} ${base}`;

  function set(key: string, standing: Standing): void {
    standings.delete(key);
    standings.set(key, standing);
    forgetOldest(standings);
  }

  return {
    opened(page) {
      opening.add(page);
      forgetOldest(opening);
    },
    isOpening: (page) => opening.has(page),
    listed(page, folder) {
      folders.add(keyOf(page, folder));
      forgetOldest(folders);
    },
    isListed: (page, file) => [...folders].some((key) => keyOf(page, file).startsWith(key)),
    heard(page, message) {
      opening.delete(page);
      const key = keyOf(page, message.base);
      if (message.type === "tributary:bye") set(key, { known: false });
      else if (message.version !== BRIDGE_VERSION) set(key, { known: false });
      else set(key, { known: true, askAgainMs: 0, past: message.past === true });
    },
    began(page, base, token) {
      beginnings.set(keyOf(page, base), token);
      forgetOldest(beginnings);
    },
    beginningOf: (page, base) => beginnings.get(keyOf(page, base)),
    answered(page, base) {
      const key = keyOf(page, base);
      // An answer that crosses the page's `bye` does not bring it back.
      if (!standings.has(key)) set(key, { known: true, askAgainMs: 0 });
    },
    silent(page, base, patienceMs, nowMs) {
      const key = keyOf(page, base);
      const known = standings.get(key)?.known ?? false;
      // It was asked as a stranger and has said hello since: it is not busy, it was not there yet.
      if (known && patienceMs === STRANGER_TIMEOUT_MS) return;
      set(key, known ? { known, askAgainMs: nowMs + BUSY_MS } : { known: false });
    },
    patienceMs(page, base, nowMs) {
      const standing = standings.get(keyOf(page, base));
      if (!standing) return STRANGER_TIMEOUT_MS;
      return standing.known && nowMs >= standing.askAgainMs ? ANSWER_TIMEOUT_MS : 0;
    },
    isPast(page, base) {
      const standing = standings.get(keyOf(page, base));
      return standing?.known === true && standing.past === true;
    },
    knows: (page, base) => standings.get(keyOf(page, base))?.known ?? false,
  };
}

function forgetOldest(pages: Set<string> | Map<string, unknown>): void {
  for (const oldest of pages.keys()) {
    if (pages.size <= MAX_PAGES) break;
    pages.delete(oldest);
  }
}
