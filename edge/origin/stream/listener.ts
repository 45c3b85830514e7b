import type { Bytes } from "./bytes.ts";
import type { ByteLine } from "./byte_line.ts";

export interface ListenerOptions {
  readonly line: ByteLine;
  /** On the line. */
  readonly at: number;
  /** Goes before what is at `at`. */
  readonly before?: Bytes;
  /** Resolves when the line has changed or the channel's state has. */
  readonly change: () => Promise<void>;
  /** Nothing will follow. */
  readonly ended: () => boolean;
  /** What goes out for some bytes of the unit with this number. */
  readonly dress: (bytes: Bytes, sequence: number) => Bytes;
  /** Called with the bytes that go out, as they do. */
  readonly sent: (bytes: number) => void;
}

/** So much is handed over at once. */
const CHUNK_BYTES = 64 * 1024;

/**
 * What one listener hears from a place on: each part is taken from the line when the one before has
 * been taken by the network, so that nothing waits here. Who is so slow that the window has gone on
 * without it is dropped, and so is everyone at the end of what can be one stream.
 */
export function listen(
  { line, at: start, before, change, ended, dress, sent }: ListenerOptions,
): ReadableStream<Bytes> {
  let at = start;
  let within = false;
  let cancelled = false;

  /** The next part; `undefined` at the end. */
  async function next(): Promise<Bytes | undefined> {
    while (!cancelled) {
      const reading = line.read(at, within);
      switch (reading.type) {
        case "bytes": {
          const bytes = reading.bytes.subarray(0, CHUNK_BYTES);
          at += bytes.length;
          within = true;
          return dress(bytes, reading.sequence);
        }
        case "later":
          if (ended()) return undefined;
          await change();
          break;
        case "gone":
        case "apart":
          return undefined;
      }
    }
    return undefined;
  }

  let first = before;
  return new ReadableStream<Bytes>({
    async pull(controller) {
      const bytes = first ?? await next();
      first = undefined;
      if (cancelled) return;
      if (!bytes) return controller.close();
      sent(bytes.length);
      controller.enqueue(bytes);
    },
    cancel() {
      cancelled = true;
    },
  }, { highWaterMark: 0 });
}
