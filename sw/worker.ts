/**
 * The service worker: a site serves it as its own file, or a file of one line, `importScripts(…)`.
 * Everything is decided in the modules beside this one; nothing that goes wrong in them keeps a
 * request from the network.
 */
import { createStore, get, set } from "idb-keyval";
import { answer } from "./answer.ts";
import { MEDIA_CACHE, type PageMessage } from "./bridge.ts";
import { realClock } from "./clock.ts";
import { keepPart, made } from "./film.ts";
import type { Desk } from "./desk.ts";
import { createLinkNote, UNMEASURED } from "./link_note.ts";
import { createNetwork } from "./network.ts";
import { createNote } from "./note.ts";
import { createPageBook } from "./page_book.ts";
import { createPeerCache } from "./peer_cache.ts";
import type { WorkerScope } from "./scope.ts";
import { isProgressive } from "./route.ts";
import { takeOn } from "./take_on.ts";

const scope = globalThis as unknown as WorkerScope;
const network = createNetwork(scope.location.origin, (...asked) => fetch(...asked));
const pages = createPageBook();
const index = createStore("tributary", "media");
const cache = createPeerCache(
  () => scope.caches.open(MEDIA_CACHE),
  { load: () => get("index", index), save: (entries) => set("index", entries, index) },
  realClock,
);
function kept<T>(key: string, initial: T) {
  return createNote<T>({
    load: () => get(key, index),
    save: (told) => set(key, told, index),
  }, initial);
}
const hls = kept("hls", true);
const bandwidth = createLinkNote(kept("bandwidth", UNMEASURED), realClock);
const desk: Desk = {
  pages,
  network,
  cache,
  hls,
  bandwidth,
  clock: realClock,
  pageOf: (id) => scope.clients.get(id),
  fetchBlob: (url, init) => fetch(url, init),
};

scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));

scope.addEventListener("message", (event) => {
  const { source, ports } = event;
  const message = event.data as PageMessage | null;
  if (message?.type === "tributary:plays") {
    if (message.bandwidth) bandwidth.measured(message.bandwidth);
    else if (message.hint) bandwidth.hinted(message.hint);
    return void hls.note(message.hls).then(() => ports[0]?.postMessage(true));
  }
  if (message?.type === "tributary:keep") {
    return event.waitUntil(keepPart(cache, message.url, message.body));
  }
  // Other scripts of the site may talk to the worker that imports this one.
  if (!source || (message?.type !== "tributary:hello" && message?.type !== "tributary:bye")) return;
  pages.heard(source.id, message);
  if (message.type === "tributary:hello") cache.limit(message.cacheBytes);
});

scope.addEventListener("fetch", (event) => {
  const { request, clientId: page } = event;
  const route = takeOn(event, desk);
  if (!route) return;
  const waitUntil = (work: Promise<unknown>) => event.waitUntil(work.catch(() => {}));
  event.respondWith(
    answer({ request, route, page, waitUntil }, desk)
      .catch(() => network.fetchUntouched(request, route))
      .then((response) => isProgressive(route) ? made(response) : response),
  );
});
