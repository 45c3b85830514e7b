import type { StreamPlace } from "../../protocol/ledger_entry.ts";
import type { Bytes } from "./bytes.ts";
import type { StreamLine } from "./stream_line.ts";

export interface ListenerOptions {
  readonly line: StreamLine;
  readonly place: StreamPlace;
  /** Goes before what is there. */
  readonly before?: Bytes;
  /** What goes out for some bytes of the unit with this number. */
  readonly dress: (bytes: Bytes, sequence: number) => Bytes;
  /** Called with the bytes that go out, as they do. */
  readonly sent: (bytes: number) => void;
}

/**
 * What one listener hears from a place on: each part is taken from the line when the one before has
 * been taken by the network, so that nothing waits here. Who is so slow that the media has gone
 * without it is dropped, and so is everyone at the end of what can be one stream.
 */
export function listen(
  { line, place, before, dress, sent }: ListenerOptions,
): ReadableStream<Bytes> {
  const hangUp = new AbortController();
  const parts = line.read(place, hangUp.signal);
  let first = before;

  async function next(): Promise<Bytes | undefined> {
    const { done, value } = await parts.next();
    return done ? undefined : dress(value.bytes, value.sequence);
  }

  return new ReadableStream<Bytes>({
    async pull(controller) {
      const bytes = first ?? await next();
      first = undefined;
      if (hangUp.signal.aborted) return;
      if (!bytes) return controller.close();
      sent(bytes.length);
      controller.enqueue(bytes);
    },
    async cancel() {
      hangUp.abort();
      await parts.return();
    },
  }, { highWaterMark: 0 });
}
