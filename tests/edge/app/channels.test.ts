import { assert, assertEquals, assertThrows } from "@std/assert";
import { openChannels } from "../../../edge/channels/channels.ts";
import { nearNames } from "../../../edge/channels/near_names.ts";
import type { Socket, SocketHandlers } from "../../../edge/platform/platform.ts";
import { createFakePlatform } from "../fake_platform.ts";
import { ALONE, peerId, published } from "../swarm/stage.ts";
import { fakeChannel } from "./fixtures.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";

interface FakeSocket extends Socket {
  readonly sent: (string | Uint8Array)[];
  closed?: number;
}

function fakeSocket(): FakeSocket {
  const socket: FakeSocket = {
    sent: [],
    send: (data) => void socket.sent.push(data),
    close: (code) => void (socket.closed = code),
  };
  return socket;
}

function join(handlers: SocketHandlers, number: number): FakeSocket {
  const socket = fakeSocket();
  handlers.open(socket);
  const message = { type: "join", version: PROTOCOL_VERSION, peer: peerId(number), status: ALONE };
  handlers.message(socket, JSON.stringify(message));
  return socket;
}

Deno.test("origin and swarm share no memory: what one says is the other's own copy", async () => {
  const demo = fakeChannel("demo");
  const channels = openChannels([demo], { platform: createFakePlatform() });
  const { swarm } = channels.get("demo")!;
  const event = published(1);
  demo.emit(event);
  event.digests.fill(255);
  event.entry.fill(0);
  const socket = join(swarm.accept([]), 1);
  assertEquals(socket.sent.filter((data) => typeof data !== "string").length, 1);
  assertEquals(demo.told, [{ type: "watchers", channel: "demo", count: 1 }]);
  await channels.stop();
});

Deno.test("an origin cannot slip a function through to the swarm", () => {
  const demo = fakeChannel("demo");
  openChannels([demo], { platform: createFakePlatform() });
  const event = { type: "state", channel: "demo", state: "on-air", detail: () => "x" };
  assertThrows(() => demo.emit(event as never), DOMException);
});

Deno.test("everyone without a run to inject is sent the very same bytes", async () => {
  const demo = fakeChannel("demo");
  const channels = openChannels([demo], { platform: createFakePlatform() });
  const { swarm } = channels.get("demo")!;
  const sockets = [1, 2, 3].map((number) => join(swarm.accept([]), number));
  demo.emit(published(1));
  const frames = new Set(sockets.map(({ sent }) => sent.at(-1)));
  assertEquals(frames.size, 1);
  await channels.stop();
});

Deno.test("the swarm ticks while there are sockets, and has no timer otherwise", async () => {
  const platform = createFakePlatform();
  const channels = openChannels([fakeChannel("demo")], { platform });
  const { swarm } = channels.get("demo")!;
  assertEquals(platform.timers(), 0);
  const handlers = swarm.accept([]);
  const socket = join(handlers, 1);
  await platform.advance(1_000);
  assertEquals(JSON.parse(socket.sent.at(-1) as string), { type: "viewers", count: 1 });
  handlers.close(socket);
  await platform.advance(2_000);
  assertEquals(platform.timers(), 0);
});

Deno.test("a socket that never joins is closed by the clock of the platform", async () => {
  const platform = createFakePlatform();
  const channels = openChannels([fakeChannel("demo")], { platform });
  const socket = fakeSocket();
  channels.get("demo")!.swarm.accept([]).open(socket);
  await platform.advance(12_000);
  assertEquals(socket.closed, 4002);
  assertEquals(platform.timers(), 0);
});

Deno.test("stopping ends sockets, origins and timers, and nothing is said afterwards", async () => {
  const platform = createFakePlatform();
  const demo = fakeChannel("demo");
  const channels = openChannels([demo], { platform });
  const { swarm } = channels.get("demo")!;
  const handlers = swarm.accept([]);
  const socket = join(handlers, 1);
  await channels.stop();
  handlers.close(socket);
  assertEquals(socket.closed, 1012);
  assert(demo.stopped);
  assertEquals(demo.told.length, 1);
  assertEquals(platform.timers(), 0);
  const late = fakeSocket();
  swarm.accept([]).open(late);
  assertEquals(late.closed, 1012);
});

Deno.test("two channels of one name are refused", () => {
  const sources = [fakeChannel("demo"), fakeChannel("demo")];
  assertThrows(() => openChannels(sources, { platform: createFakePlatform() }), Error, "demo");
});

Deno.test("near names come first: typos, case and cut-off words", () => {
  const names = ["demo", "music", "news", "sports", "weather", "radio-1", "radio-2"];
  assertEquals(nearNames("Demo", names)[0], "demo");
  assertEquals(nearNames("nwes", names)[0], "news");
  assertEquals(nearNames("radio", names).slice(0, 2), ["radio-1", "radio-2"]);
  assertEquals(nearNames("x".repeat(100_000), names).length, 5);
});
