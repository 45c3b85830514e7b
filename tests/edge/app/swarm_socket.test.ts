/** The swarm over real sockets: Deno's server, Deno's platform, a hand-made origin. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createEdge } from "../../../edge/app.ts";
import { createDenoPlatform } from "../../../edge/platform/deno.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";
import { ALONE, peerId, published, WATCHING } from "../swarm/stage.ts";
import { type FakeChannel, fakeChannel } from "./fixtures.ts";
import { connect, type SwarmClient } from "./swarm_client.ts";

const KEY = "a-long-secret";

interface Served extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly demo: FakeChannel;
  join(number: number, status?: typeof WATCHING): Promise<SwarmClient>;
  stop(): Promise<void>;
}

async function serveEdge(): Promise<Served> {
  const dataDir = await Deno.makeTempDir();
  const platform = await createDenoPlatform({ dataDir, distDir: dataDir });
  const demo = Object.assign(fakeChannel("demo"), { key: KEY });
  const edge = createEdge(platform, {
    channels: [demo],
    iceServers: (host) => [`stun:${host}:3478`],
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => edge.app.fetch(request),
  );
  const host = `127.0.0.1:${server.addr.port}`;
  return {
    host,
    demo,
    async join(number, status = ALONE) {
      const client = await connect(`ws://${host}/swarm/demo`);
      client.send({ type: "join", version: PROTOCOL_VERSION, peer: peerId(number), status });
      return client;
    },
    stop: edge.stop,
    async [Symbol.asyncDispose]() {
      await edge.stop();
      await server.shutdown();
      platform.close();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}

Deno.test("peers join, get the ledger, meet and signal", async () => {
  await using edge = await serveEdge();
  const first = await edge.join(1, WATCHING);
  const welcome = await first.next("welcome");
  assertEquals(welcome.iceServers, ["stun:127.0.0.1:3478"]);
  assertEquals(welcome.channel.base, "/live/demo/");

  edge.demo.emit(published(7));
  const frame = await first.nextLedger();
  assertEquals(frame.entry.unit.sequence, 7);
  assertEquals(frame.inject, [0, 1, 2, 3, 4, 5, 6, 7]);

  const second = await edge.join(2);
  assertEquals((await second.next("welcome")).backlog, 1);
  assertEquals((await second.nextLedger()).inject, []);
  assertEquals((await second.next("introduce")).peers, [peerId(1)]);
  second.send({ type: "signal", to: peerId(1), signal: { kind: "offer", sdp: "v=0" } });
  assertEquals((await first.next("signal")).from, peerId(2));
  assertEquals(edge.demo.told.map(({ count }) => count), [1, 2]);

  await second.close();
  await first.close();
});

Deno.test("junk and oversized messages are told, and the others do not notice", async () => {
  await using edge = await serveEdge();
  const [good, bad] = [await edge.join(1), await edge.join(2)];
  const junk = ["", "{", "[]", new Uint8Array(2_000_000), "x".repeat(2_000_000)] as const;
  for (const one of junk) {
    bad.sendRaw(one);
    assertEquals((await bad.next("error")).code, "junk");
  }
  assertEquals(await bad.closed, 1008);
  edge.demo.emit(published(1));
  assertEquals((await good.nextLedger()).entry.unit.sequence, 1);
  await good.close();
});

Deno.test("a connection that breaks off takes its peer out of the swarm", async () => {
  await using edge = await serveEdge();
  const watcher = await edge.join(1);
  await watcher.next("welcome");
  const broken = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(edge.host.split(":")[1]),
  });
  const upgrade = `GET /swarm/demo HTTP/1.1\r\nHost: ${edge.host}\r\nConnection: Upgrade\r\n` +
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  await broken.write(new TextEncoder().encode(upgrade));
  await broken.read(new Uint8Array(1_000));
  const status = { ...ALONE };
  const join = JSON.stringify({ type: "join", version: PROTOCOL_VERSION, peer: peerId(2), status });
  await broken.write(maskedTextFrame(join));
  assertEquals((await watcher.next("viewers")).count, 2);
  broken.close();
  assertEquals((await watcher.next("viewers")).count, 1);
  await watcher.close();
});

/** A client's text frame of 126 … 65,535 bytes (RFC 6455 §5.2), masked with zeros. */
function maskedTextFrame(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return Uint8Array.of(
    0x81,
    0x80 | 126,
    bytes.length >> 8,
    bytes.length & 0xff,
    0,
    0,
    0,
    0,
    ...bytes,
  );
}

Deno.test("when the edge stops, peers are told to come back", async () => {
  await using edge = await serveEdge();
  const client = await edge.join(1);
  await client.next("welcome");
  await edge.stop();
  assertEquals(await client.closed, 1012);
});

Deno.test("a plain request to the swarm socket is told to upgrade", async () => {
  await using edge = await serveEdge();
  const response = await fetch(`http://${edge.host}/swarm/demo`);
  assertEquals(response.status, 426);
  assertEquals((await response.json()).error.code, "websocket-only");
});

Deno.test("a handshake that a proxy has spoilt is answered, not dropped", async () => {
  await using edge = await serveEdge();
  using plain = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(edge.host.split(":")[1]),
  });
  const request = `GET /swarm/demo HTTP/1.1\r\nHost: ${edge.host}\r\nUpgrade: websocket\r\n\r\n`;
  await plain.write(new TextEncoder().encode(request));
  const bytes = new Uint8Array(4_000);
  const length = await plain.read(bytes);
  const answer = new TextDecoder().decode(bytes.subarray(0, length ?? 0));
  assertStringIncludes(answer, "400 Bad Request");
  assertStringIncludes(answer, "bad-upgrade");
});

Deno.test("into the swarm of a private channel comes who has its address; the others are sent away", async () => {
  await using edge = await serveEdge();
  const early = await edge.join(1);
  await early.next("welcome");
  const answer = await fetch(`http://${edge.host}/api/channels/demo`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${KEY}` },
    body: '{"visibility":"private"}',
  });
  assertEquals(await early.closed, 1008);
  await assertRejects(() => edge.join(1));
  const { watch } = await answer.json();
  const invited = await connect(`ws://${edge.host}${watch.replace("/watch/", "/swarm/")}`);
  invited.send({ type: "join", version: PROTOCOL_VERSION, peer: peerId(2), status: ALONE });
  await invited.next("welcome");
  await invited.close();
});
