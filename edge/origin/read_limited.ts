import { concat } from "@std/bytes/concat";

/** Reads a body to its end; `undefined` if it is longer than `maxBytes`. Rejects if it breaks off. */
export async function readLimited(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  maxBytes: number,
  count: (bytes: number) => void = () => {},
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    count(chunk.length);
    // Leaving the loop cancels the body.
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return concat(chunks);
}
