/** HTTP/1 as sources speak it (RFC 9112). */
import { assertEquals, assertRejects } from "@std/assert";
import { concat } from "@std/bytes/concat";
import * as fc from "fast-check";
import { type ByteSource, type Framing, readBody } from "../../../edge/platform/http1_body.ts";
import { readRequestHead } from "../../../edge/platform/http1_head.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Gives `all` in parts of these lengths, over and over. */
function source(all: Uint8Array<ArrayBuffer>, lengths: readonly number[] = [7]): ByteSource {
  let rest = all;
  let at = 0;
  return {
    read() {
      if (rest.length === 0) return Promise.resolve(undefined);
      const length = lengths[at++ % lengths.length]!;
      const part = rest.subarray(0, length);
      rest = rest.subarray(length);
      return Promise.resolve(part);
    },
    unread: (part) => void (rest = concat([part, rest])),
  };
}

async function drain(from: ByteSource, framing: Framing): Promise<Uint8Array> {
  const next = readBody(from, framing);
  const parts: Uint8Array[] = [];
  for (let part = await next(); part; part = await next()) parts.push(part);
  return concat(parts);
}

const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const content = fc.uint8Array({ maxLength: 200 }) as fc.Arbitrary<Uint8Array<ArrayBuffer>>;

Deno.test("chunks come out as they went in, however the network cut them, and what follows is left", () =>
  fc.assert(fc.asyncProperty(fc.array(content), lengths, async (chunks, cuts) => {
    const full = chunks.filter(({ length }) => length > 0);
    const framed = full.flatMap((chunk) => [
      bytes(`${chunk.length.toString(16)};ext=1\r\n`),
      chunk,
      bytes("\r\n"),
    ]);
    const from = source(concat([...framed, bytes("0\r\nTrailer: x\r\n\r\nNEXT")]), cuts);
    assertEquals(await drain(from, "chunked"), concat(full));
    assertEquals(await drain(from, "until-close"), bytes("NEXT"));
  })));

Deno.test("a body of known length ends there, and what follows is left", () =>
  fc.assert(fc.asyncProperty(content, lengths, async (body, cuts) => {
    const from = source(concat([body, bytes("NEXT")]), cuts);
    assertEquals(await drain(from, body.length), body);
    assertEquals(await drain(from, "until-close"), bytes("NEXT"));
  })));

Deno.test("arbitrary bytes as chunks end in an error or an end, never in a hang", () =>
  fc.assert(fc.asyncProperty(content, lengths, async (noise, cuts) => {
    await drain(source(noise, cuts), "chunked").catch(() => {});
  })));

Deno.test("a body that ends too early is an error, not a shorter body", async () => {
  await assertRejects(() => drain(source(bytes("abc")), 4));
  await assertRejects(() => drain(source(bytes("5\r\nabc")), "chunked"));
  await assertRejects(() => drain(source(bytes("3\r\nabc\r\n")), "chunked"));
  await assertRejects(() => drain(source(bytes("3\r\nabcd\r\n0\r\n\r\n")), "chunked"));
  await assertRejects(() => drain(source(bytes("zz\r\n")), "chunked"));
});

Deno.test("a head says what comes after it", () => {
  const head = (text: string) => {
    const read = readRequestHead(text);
    return read && [read.method, read.target, read.framing, read.expectsContinue, read.keepsAlive];
  };
  assertEquals(
    head("PUT /ingest/a/b.ts?x=1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue"),
    ["PUT", "/ingest/a/b.ts?x=1", "chunked", true, true],
  );
  assertEquals(
    head("PUT /a HTTP/1.1\r\nContent-Length: 12\r\nConnection: Close"),
    ["PUT", "/a", 12, false, false],
  );
  assertEquals(
    head("SOURCE /a ICE/1.0\r\nice-name: x"),
    ["SOURCE", "/a", "until-close", false, false],
  );
  assertEquals(head("DELETE /a HTTP/1.1\r\n"), undefined);
  assertEquals(head("DELETE /a HTTP/1.1"), ["DELETE", "/a", 0, false, true]);
});

Deno.test("what is no head, or two lengths at once, is refused", () => {
  const refused = [
    "",
    "GET / HTTP/2.0",
    "get / HTTP/1.1",
    "GET http://a/ HTTP/1.1",
    "PUT / HTTP/1.1\r\nContent-Length: -1",
    "PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2",
    "PUT / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
    "PUT / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked",
    "PUT / HTTP/1.1\r\n folded: x",
    "PUT / HTTP/1.1\r\nName : x",
  ];
  for (const text of refused) assertEquals(readRequestHead(text), undefined, text);
  fc.assert(fc.property(fc.string(), (text) => void readRequestHead(text)));
});
