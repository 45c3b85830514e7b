import { assertEquals, assertMatch } from "@std/assert";
import { serveSources, type SourceHandler } from "../../../edge/platform/source_port.ts";

async function withPort(
  handler: SourceHandler,
  use: (connect: () => Promise<Deno.TcpConn>) => Promise<void>,
): Promise<void> {
  const port = serveSources({ hostname: "127.0.0.1", port: 0 }, handler);
  const open: Deno.TcpConn[] = [];
  try {
    await use(async () => {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port: port.port });
      open.push(connection);
      return connection;
    });
  } finally {
    for (const connection of open) {
      try {
        connection.close();
      } catch { /* closed by the test */ }
    }
    await port.stop();
  }
}

function say(connection: Deno.TcpConn, text: string): Promise<number> {
  return connection.write(new TextEncoder().encode(text));
}

async function hear(connection: Deno.TcpConn, pattern: RegExp): Promise<string> {
  const buffer = new Uint8Array(4096);
  let text = "";
  while (!pattern.test(text)) {
    const count = await connection.read(buffer);
    if (count === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  assertMatch(text, pattern);
  return text;
}

Deno.test("who closes as soon as all is sent has sent all", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  await withPort(async (request) => {
    resolve(`${request.method} ${new URL(request.url).pathname} ${(await request.text()).length}`);
    return new Response(null, { status: 201 });
  }, async (connect) => {
    const connection = await connect();
    await say(connection, "PUT /a.ts HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (let at = 0; at < 20; at++) await say(connection, `4000\r\n${"x".repeat(0x4000)}\r\n`);
    await say(connection, "0\r\n\r\n");
    connection.close();
    assertEquals(await promise, `PUT /a.ts ${20 * 0x4000}`);
  });
});

Deno.test("who waits to be told to go on is refused before it sends", async () => {
  await withPort(
    (request) =>
      request.headers.has("Authorization")
        ? request.text().then((text) => new Response(`got ${text}`))
        : new Response("who?", { status: 401 }),
    async (connect) => {
      const head = "PUT /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n";
      const first = await connect();
      await say(first, `${head}\r\n`);
      const refusal = await hear(first, /who\?$/);
      assertMatch(refusal, /^HTTP\/1.1 401 /);
      assertMatch(refusal, /^connection: close\r$/im, "its body is not taken for a request");
      const second = await connect();
      await say(second, `${head}Authorization: Bearer x\r\n\r\n`);
      await hear(second, /^HTTP\/1.1 100 Continue\r\n\r\n$/);
      await say(second, "hi");
      await hear(second, /got hi$/);
    },
  );
});

Deno.test("one connection may carry one request after another", async () => {
  await withPort(async (request) => new Response(`${await request.text()}!`), async (connect) => {
    const connection = await connect();
    const request = (body: string) =>
      `PUT /a HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    await say(connection, request("one") + request("two"));
    await hear(connection, /one!HTTP[^]*two!$/);
  });
});

Deno.test("what is no request is answered and closed; a handler that fails takes nothing down", async () => {
  let calls = 0;
  await withPort(() => {
    if (calls++ === 0) throw new Error("broken");
    return new Response("fine");
  }, async (connect) => {
    const junk = await connect();
    await say(junk, "\x16\x03\x01 hello\r\n\r\n");
    await hear(junk, /^HTTP\/1.1 400 /);
    assertEquals(await junk.read(new Uint8Array(1)), null);
    const failing = await connect();
    await say(failing, "DELETE /a HTTP/1.1\r\n\r\n");
    assertEquals(await failing.read(new Uint8Array(1)), null);
    const fine = await connect();
    await say(fine, "DELETE /a HTTP/1.1\r\n\r\n");
    await hear(fine, /fine$/);
  });
});

Deno.test("a source of Icecast that does not ask to go on is told so once it is let in", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  await withPort(async (request) => {
    if (!request.headers.has("Authorization")) return new Response("who?", { status: 401 });
    resolve(`${request.method} ${await request.text()}`);
    return new Response("heard");
  }, async (connect) => {
    const stranger = await connect();
    await say(stranger, "SOURCE /cam ICE/1.0\r\n\r\n");
    await hear(stranger, /^HTTP\/1.1 401 [^]*who\?$/);
    const source = await connect();
    await say(source, "SOURCE /cam ICE/1.0\r\nAuthorization: Basic x\r\n\r\n");
    assertEquals(await hear(source, /\r\n\r\n$/), "HTTP/1.0 200 OK\r\n\r\n");
    await say(source, "endless");
    await source.closeWrite();
    assertEquals(await promise, "SOURCE endless");
    assertEquals(await source.read(new Uint8Array(1)), null, "no second answer");
  });
});

Deno.test("who asks what the server as a whole can do is told, and may go on", async () => {
  await withPort(() => new Response("fine"), async (connect) => {
    const connection = await connect();
    await say(connection, "OPTIONS * HTTP/1.1\r\n\r\n");
    await hear(
      connection,
      /^HTTP\/1.1 204 No Content\r\n[^]*allow: [^\r]*\bSOURCE\b[^]*\r\n\r\n$/i,
    );
    await say(connection, "DELETE * HTTP/1.1\r\n\r\n");
    await hear(connection, /^HTTP\/1.1 400 /);
    await say(connection, "DELETE /a HTTP/1.1\r\n\r\n");
    await hear(connection, /fine$/);
  });
});
