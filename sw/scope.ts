/** The part of `ServiceWorkerGlobalScope` that is used here: TypeScript has no library with it and the DOM. */
import type { Page } from "./page_talk.ts";

export interface WorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

export interface FetchEvent extends WorkerEvent {
  readonly request: Request;
  /** The client that asks, empty where there is none. */
  readonly clientId: string;
  /** The client that a navigation makes, empty for all else. */
  readonly resultingClientId: string;
  respondWith(response: Promise<Response>): void;
}

export interface ClientMessageEvent extends WorkerEvent {
  readonly data: unknown;
  readonly source: { readonly id: string } | null;
  readonly ports: readonly MessagePort[];
}

export interface WorkerScope {
  readonly location: { readonly origin: string };
  readonly caches: CacheStorage;
  readonly clients: {
    get(id: string): Promise<Page | undefined>;
    claim(): Promise<void>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: WorkerEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(type: "message", listener: (event: ClientMessageEvent) => void): void;
}
