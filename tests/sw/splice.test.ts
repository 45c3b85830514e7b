import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { spliceBody } from "../../sw/splice.ts";

type Bytes = Uint8Array<ArrayBuffer>;

interface Scene {
  readonly body: Bytes;
  /** What the page sends before it stops. */
  readonly chunks: Bytes[];
  readonly from?: number;
  readonly to?: number;
  readonly network?: (from: number, to: number) => Response;
}

function splice({ body, chunks, from = 0, to = body.length, network }: Scene) {
  const asked: [number, number][] = [];
  const closed: (Blob | undefined)[] = [];
  const stream = spliceBody({
    from,
    to,
    begin: 0,
    aheadBytes: 1,
    next: () => Promise.resolve(chunks.shift()),
    rest(from, to) {
      asked.push([from, to]);
      return Promise.resolve((network ?? ranges(body))(from, to));
    },
    closed: (body) => closed.push(body),
  });
  return { stream, asked, closed, bytes: () => new Response(stream).bytes() };
}

const ranges = (body: Bytes) => (from: number, to: number) =>
  new Response(body.slice(from, to), {
    status: 206,
    headers: { "content-range": `bytes ${from}-${to - 1}/${body.length}` },
  });
const count = (length: number): Bytes => Uint8Array.from({ length }, (_, at) => at);

Deno.test("the bytes are the same wherever the page stops and however it cuts", async () => {
  const scene = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), fc.nat())
    .chain(([bytes, a, b]) => {
      const body = new Uint8Array(bytes);
      const from = a % body.length;
      const to = from + 1 + b % (body.length - from);
      const cuts = fc.array(fc.nat(body.length), { maxLength: 6 });
      return fc.record({
        body: fc.constant(body),
        from: fc.constant(from),
        to: fc.constant(to),
        cuts,
      });
    });
  await fc.assert(fc.asyncProperty(scene, async ({ body, from, to, cuts }) => {
    const chunks: Bytes[] = [];
    cuts.toSorted((a, b) => a - b).reduce((start, end) => {
      chunks.push(body.slice(start, end));
      return end;
    }, 0);
    const { bytes, asked, closed } = splice({ body, chunks, from, to });
    assertEquals(await bytes(), body.slice(from, to));
    const sent = Math.max(0, ...cuts);
    assertEquals(asked, sent >= to ? [] : [[Math.max(sent, from), to]]);
    assertEquals(closed.map((one) => one?.size), [to - from]);
  }));
});

Deno.test("the rest may be known by its length alone, as with foreign servers", async () => {
  const body = count(10);
  const network = (from: number, to: number) =>
    new Response(body.slice(from, to), {
      status: 206,
      headers: { "content-length": `${to - from}` },
    });
  const { bytes } = splice({ body, chunks: [count(4)], network });
  assertEquals(await bytes(), body);
});

Deno.test("an answer that is not the rest breaks the body off instead of corrupting it", async () => {
  const body = count(10);
  const wrong: Record<string, (from: number, to: number) => Response> = {
    "all": () => new Response(body),
    "whole, by its status": (from, to) => {
      const { headers } = ranges(body)(from, to);
      return new Response(body.slice(from, to), { headers });
    },
    "missing": () => new Response("not found", { status: 404 }),
    "shifted": (from, to) => ranges(body)(from - 1, to),
    "unnamed": (from, to) => new Response(body.slice(from, to), { status: 206 }),
    "short": (from, to) => {
      const { headers } = ranges(body)(from, to);
      return new Response(body.slice(from, to - 1), { status: 206, headers });
    },
  };
  for (const network of Object.values(wrong)) {
    const { bytes, closed } = splice({ body, chunks: [count(4)], network });
    await assertRejects(bytes, TypeError);
    assertEquals(closed, [undefined]);
  }
});

Deno.test("more bytes than there are to be are cut off", async () => {
  const ofPage = splice({ body: count(4), chunks: [count(10)] });
  assertEquals(await ofPage.bytes(), count(4));
  assertEquals(ofPage.asked, []);
  const network = (from: number) => ranges(count(10))(from, 10);
  const ofNetwork = splice({ body: count(4), chunks: [count(2)], network });
  assertEquals(await ofNetwork.bytes(), count(4));
});

Deno.test("a body that the player gives up is given up at the network too", async () => {
  const given = Promise.withResolvers<unknown>();
  const network = () =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(count(1)),
        cancel: given.resolve,
      }),
      { status: 206, headers: { "content-range": "bytes 4-9/10" } },
    );
  const { stream, closed } = splice({ body: count(10), chunks: [count(4)], network });
  const reader = stream.getReader();
  await reader.read();
  await reader.read();
  await reader.cancel("seek");
  assertEquals(await given.promise, "seek");
  assert(closed.length === 1 && closed[0] === undefined);
});
