/** A body that begins at the page and, should the page stop, goes on from the network. */
export interface Splice {
  /** The bytes that are wanted, of the whole. */
  readonly from: number;
  readonly to: number;
  /** Where the page's bytes begin. */
  readonly begin: number;
  /** What is read before it is taken, bytes. */
  readonly aheadBytes: number;
  /** The page's bytes in order; `undefined` when there are no more. */
  next(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Asks the network for `bytes=from-…`, `to` being exclusive. */
  rest(from: number, to: number): Promise<Response>;
  /** Called once when the body is complete, with all of it, or given up. */
  closed(body: Blob | undefined): void;
}

/** The spliced body. Its bytes are the same wherever the page stops; it errors where the network has other ones. */
export function spliceBody(splice: Splice): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { from, to } = splice;
  const sent: Uint8Array<ArrayBuffer>[] = [];
  let at = from;
  let fromPage = splice.begin;
  let network: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;

  async function nextOfPage(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    for (;;) {
      const bytes = await splice.next();
      if (!bytes) return undefined;
      const start = fromPage;
      fromPage += bytes.length;
      if (fromPage > at) return bytes.subarray(at - start, to - start);
    }
  }

  async function nextOfNetwork(): Promise<Uint8Array<ArrayBuffer>> {
    network ??= bodyFrom(await splice.rest(at, to), at, to).getReader();
    const { value, done } = await network.read();
    if (done) throw new TypeError(`the network's answer ends at byte ${at}, before ${to}`);
    return value.subarray(0, to - at);
  }

  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const bytes = (network ? undefined : await nextOfPage()) ?? await nextOfNetwork();
        at += bytes.length;
        sent.push(bytes);
        controller.enqueue(bytes);
        if (at < to) return;
        controller.close();
        splice.closed(new Blob(sent));
      } catch (error) {
        splice.closed(undefined);
        controller.error(error);
      }
    },
    async cancel(reason) {
      splice.closed(undefined);
      await network?.cancel(reason);
    },
  }, new ByteLengthQueuingStrategy({ highWaterMark: splice.aheadBytes }));
}

/** The body of an answer to `bytes=from-…`. Throws `TypeError` where it is not just these bytes. */
function bodyFrom(
  response: Response,
  from: number,
  to: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  // Of another origin Content-Range is hidden unless the server exposes it; Content-Length is not.
  const range = response.headers.get("content-range");
  const length = response.headers.get("content-length");
  const fits = range ? range.startsWith(`bytes ${from}-`) : length === `${to - from}`;
  if (response.status !== 206 || !fits || !response.body) {
    throw new TypeError(`asked for bytes ${from} to ${to}, got ${response.status} ${range}`);
  }
  return response.body;
}
