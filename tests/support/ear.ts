import { concat } from "@std/bytes/concat";
import { waitUntil } from "./wait.ts";

/** Somebody who listens to an endless stream and keeps what comes. */
export interface Ear extends AsyncDisposable {
  readonly status: number;
  readonly headers: Headers;
  heard(): Uint8Array<ArrayBuffer>;
  /** Resolves when so many bytes have come. */
  until(bytes: number): Promise<void>;
  /** Resolves when the stream has ended, or was broken off. */
  readonly ended: Promise<void>;
}

const PATIENCE_MS = 20_000;

export async function listenAt(
  url: string,
  headers: Record<string, string> = {},
): Promise<Ear> {
  const hangUp = new AbortController();
  const response = await fetch(url, { headers, signal: hangUp.signal });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  const parts: Uint8Array[] = [];
  let count = 0;
  const listening = (async () => {
    for await (const part of response.body!) {
      parts.push(part);
      count += part.length;
    }
  })().catch(() => {});
  return {
    status: response.status,
    headers: response.headers,
    heard: () => concat(parts),
    async until(bytes) {
      await waitUntil(`${bytes} bytes of ${url}`, () => count >= bytes, PATIENCE_MS);
    },
    ended: listening,
    async [Symbol.asyncDispose]() {
      hangUp.abort();
      await listening;
    },
  };
}
