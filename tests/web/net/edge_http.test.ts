import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { pieceCount, pieceSpan, type Span } from "../../../edge/protocol/pieces.ts";
import { createCutter, fetchDigests, fetchPieces } from "../../../web/net/edge_http.ts";
import { entryOf } from "../ledger_entries.ts";

const PORT = 8160;
const BASE = `http://127.0.0.1:${PORT}/live/demo/`;
const NEVER = new AbortController().signal;
const entry = entryOf(1, { length: 100_000 });
const media = Uint8Array.from({ length: entry.length }, (_, at) => at * 7 + (at >> 8));

/** An edge that answers every request with `answer`, while `act` runs. */
async function withEdge(
  answer: (request: Request) => Response | Promise<Response>,
  act: () => Promise<void>,
): Promise<void> {
  await using _server = Deno.serve(
    { hostname: "127.0.0.1", port: PORT, onListen() {} },
    answer,
  );
  await act();
}

const bytesOf = ({ from, to }: Span) => media.slice(from, to);
const pieceBytes = (index: number) => bytesOf(pieceSpan(entry, index));

async function fetched(pieces: Span, signal = NEVER, stalledMs?: number) {
  const got: [number, Uint8Array][] = [];
  const result = await fetchPieces(
    BASE,
    entry,
    pieces,
    (index, bytes) => got.push([index, bytes]),
    signal,
    stalledMs,
  );
  return { result, got };
}

/** A body that sends `bytes` and then nothing more, until nobody reads it. */
function stalling(bytes: Uint8Array, onCancel: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(bytes),
    cancel: onCancel,
  });
}

Deno.test("pieces of a block of a file are asked for by their place in the file", async () => {
  const ranges: (string | null)[] = [];
  await withEdge((request) => {
    ranges.push(request.headers.get("range"));
    return new Response(bytesOf(pieceSpan(entry, 1)), { status: 206 });
  }, async () => {
    const block = { ...entry, offset: 3_000_000_000 };
    const result = await fetchPieces(BASE, block, { from: 1, to: 2 }, () => {}, NEVER);
    assertEquals(result, "complete");
  });
  const { from, to } = pieceSpan(entry, 1);
  assertEquals(ranges, [`bytes=${3_000_000_000 + from}-${3_000_000_000 + to - 1}`]);
});

Deno.test("pieces are asked for with one single-range request that the worker passes over", async () => {
  const asked: string[] = [];
  await withEdge((request) => {
    asked.push(`${request.url} ${request.headers.get("range")}`);
    const body = bytesOf({ from: entry.pieceBytes, to: entry.pieceBytes * 3 });
    return new Response(body, { status: 206 });
  }, async () => {
    const { result, got } = await fetched({ from: 1, to: 3 });
    assertEquals(result, "complete");
    assertEquals(got, [[1, pieceBytes(1)], [2, pieceBytes(2)]]);
  });
  const range = `bytes=${entry.pieceBytes}-${entry.pieceBytes * 3 - 1}`;
  assertEquals(asked, [`${BASE}r0/1.m4s?tributary=engine ${range}`]);
});

Deno.test("the last piece ends where the unit ends", async () => {
  const last = pieceCount(entry) - 1;
  await withEdge((request) => {
    const [from, to] = /(\d+)-(\d+)/.exec(request.headers.get("range")!)!.slice(1).map(Number);
    return new Response(bytesOf({ from: from!, to: to! + 1 }), { status: 206 });
  }, async () => {
    const { result, got } = await fetched({ from: last, to: last + 1 });
    assertEquals(result, "complete");
    assertEquals(got, [[last, pieceBytes(last)]]);
  });
});

for (const status of [404, 410]) {
  Deno.test(`a unit that the edge has no more (${status}) is gone`, () =>
    withEdge(() => new Response("gone", { status }), async () => {
      assertEquals(await fetched({ from: 0, to: 1 }), { result: "gone", got: [] });
    }));
}

for (const status of [200, 416, 500, 503]) {
  Deno.test(`an answer of ${status} is a failure, and none of it is used`, () =>
    withEdge(() => new Response(media, { status }), async () => {
      assertEquals(await fetched({ from: 0, to: 1 }), { result: "failed", got: [] });
    }));
}

Deno.test("a body that is of no use is not waited for, and the edge sends no more of it", async () => {
  const cancelled = Promise.withResolvers<void>();
  await withEdge(
    () => new Response(stalling(new Uint8Array(10), cancelled.resolve), { status: 200 }),
    async () => {
      assertEquals((await fetched({ from: 0, to: 1 })).result, "failed");
      await cancelled.promise;
    },
  );
});

Deno.test("of a body that ends too early the whole pieces are used", () =>
  withEdge(
    () => new Response(media.slice(0, entry.pieceBytes + 10), { status: 206 }),
    async () => {
      const { result, got } = await fetched({ from: 0, to: 3 });
      assertEquals(result, "failed");
      assertEquals(got, [[0, pieceBytes(0)]]);
    },
  ));

Deno.test("of a body that is too long nothing but the wanted pieces is used", () =>
  withEdge(
    () => new Response(media, { status: 206 }),
    async () => {
      const { result, got } = await fetched({ from: 0, to: 2 });
      assertEquals(result, "complete");
      assertEquals(got, [[0, pieceBytes(0)], [1, pieceBytes(1)]]);
    },
  ));

Deno.test("an edge that stops in mid-body has failed, and is let go", async () => {
  const cancelled = Promise.withResolvers<void>();
  await withEdge(
    () =>
      new Response(stalling(media.slice(0, entry.pieceBytes), cancelled.resolve), { status: 206 }),
    async () => {
      const { result, got } = await fetched({ from: 0, to: 2 }, NEVER, 50);
      assertEquals(result, "failed");
      assertEquals(got, [[0, pieceBytes(0)]]);
      await cancelled.promise;
    },
  );
});

Deno.test("an edge that never answers has failed", async () => {
  const answer = Promise.withResolvers<Response>();
  await withEdge(() => answer.promise, async () => {
    assertEquals(await fetched({ from: 0, to: 1 }, NEVER, 50), { result: "failed", got: [] });
    answer.resolve(new Response());
  });
});

Deno.test("an edge that is not there has failed", async () => {
  assertEquals(await fetched({ from: 0, to: 1 }), { result: "failed", got: [] });
});

Deno.test("an abandoned fetch ends at once, and the edge sends no more", async () => {
  const cancelled = Promise.withResolvers<void>();
  const abandon = new AbortController();
  let rest: ReturnType<typeof setTimeout>;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(media.slice(0, 10));
      rest = setTimeout(() => {
        controller.enqueue(media.slice(10, entry.pieceBytes));
        controller.close();
      }, 300);
    },
    cancel() {
      clearTimeout(rest);
      cancelled.resolve();
    },
  });
  await withEdge(() => {
    setTimeout(() => abandon.abort(), 0);
    return new Response(body, { status: 206 });
  }, async () => {
    assertEquals(await fetched({ from: 0, to: 1 }, abandon.signal), { result: "failed", got: [] });
    await cancelled.promise;
  });
});

Deno.test("a digest list comes as bytes, and is missing where the edge has none or is not there", async () => {
  await withEdge(
    (request) =>
      new URL(request.url).pathname === "/live/demo/digests/1.0.1"
        ? new Response(new Uint8Array([1, 2, 3]))
        : new Response("no such unit", { status: 404 }),
    async () => {
      assertEquals(await fetchDigests(BASE, entry), new Uint8Array([1, 2, 3]));
      assertEquals(await fetchDigests(BASE, entryOf(2)), undefined);
    },
  );
  assertEquals(await fetchDigests(BASE, entry), undefined);
});

/** Cuts `bytes` at `places`. */
function chunksOf(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...[...places].sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((to, index) => bytes.subarray(at[index]!, to));
}

function cutInto(of: LedgerEntry, pieces: Span, chunks: readonly Uint8Array[]) {
  const got: [number, Uint8Array][] = [];
  const cutter = createCutter(of, pieces, (index, bytes) => got.push([index, bytes]));
  for (const chunk of chunks) cutter.add(chunk);
  return { got, done: cutter.isDone() };
}

Deno.test("pieces come out whole and in order, wherever the chunks of the body end", () => {
  const small = { ...entry, length: 95, pieceBytes: 10 };
  const body = media.slice(0, small.length);
  const wanted = fc.integer({ min: 0, max: 9 }).chain((from) =>
    fc.record({ from: fc.constant(from), to: fc.integer({ min: from + 1, max: 10 }) })
  );
  const places = fc.array(fc.integer({ min: 0, max: small.length }), { maxLength: 40 });
  const extra = fc.uint8Array({ maxLength: 25 });
  fc.assert(fc.property(wanted, places, extra, (pieces, places, extra) => {
    const from = pieces.from * 10;
    const to = Math.min(small.length, pieces.to * 10);
    const bytes = new Uint8Array([...body.subarray(from, to), ...extra]);
    const inside = places.filter((place) => place <= bytes.length);
    const { got, done } = cutInto(small, pieces, chunksOf(bytes, inside));
    const expected = Array.from({ length: pieces.to - pieces.from }, (_, at) => {
      const span = pieceSpan(small, pieces.from + at);
      return [pieces.from + at, body.slice(span.from, span.to)] as [number, Uint8Array];
    });
    assertEquals(got, expected);
    assertEquals(done, true);
  }));
});

Deno.test("a body without its last byte is never done", () => {
  const small = { ...entry, length: 95, pieceBytes: 10 };
  const { got, done } = cutInto(small, { from: 8, to: 10 }, [media.subarray(80, 94)]);
  assertEquals(got, [[8, media.slice(80, 90)]]);
  assertEquals(done, false);
});
