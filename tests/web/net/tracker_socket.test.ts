import { assert, assertEquals } from "@std/assert";
import { encodeLedgerFrame } from "../../../edge/protocol/ledger_frame.ts";
import type { ClientMessage, ServerMessage } from "../../../edge/protocol/messages.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";
import { openTracker, type TrackerSocket } from "../../../web/net/tracker_socket.ts";
import { entryOf } from "../ledger_entries.ts";

const PORT = 8161;
const JOIN: ClientMessage = {
  type: "join",
  version: PROTOCOL_VERSION,
  peer: "abcdefghijklmnopqrst",
  status: { playing: true, visible: true, uploads: true, partners: 0, uplink: 0, renditions: [] },
};
const WELCOME: ServerMessage = {
  type: "welcome",
  version: PROTOCOL_VERSION,
  channel: {
    name: "demo",
    title: "Demo",
    base: "/live/demo/",
    targetDurationMs: 2_000,
    master: false,
    renditions: [],
  },
  state: "on-air",
  viewers: 1,
  backlog: 0,
  iceServers: [],
};

/** Things that happen, to be awaited in their order. */
function queue<T>() {
  const items: T[] = [];
  const waiting: ((item: T) => void)[] = [];
  return {
    push(item: T) {
      const next = waiting.shift();
      if (next) next(item);
      else items.push(item);
    },
    next: (): Promise<T> =>
      items.length > 0
        ? Promise.resolve(items.shift()!)
        : new Promise((take) => waiting.push(take)),
  };
}

/** An edge whose sockets the test holds, and a tracker socket that is connected to it. */
async function withTracker(
  act: (stage: {
    /** The server's end of the next connection. */
    socket(): Promise<WebSocket>;
    /** What the client says. */
    heard(): Promise<ClientMessage>;
    /** What the client tells its owner. */
    told(): Promise<unknown>;
    connections(): number;
    tracker: TrackerSocket;
  }) => Promise<void>,
): Promise<void> {
  const sockets = queue<WebSocket>();
  const said = queue<ClientMessage>();
  const events = queue<unknown>();
  const closed: Promise<void>[] = [];
  await using _server = Deno.serve(
    { hostname: "127.0.0.1", port: PORT, onListen() {} },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      closed.push(new Promise((resolve) => socket.onclose = () => resolve()));
      socket.onmessage = ({ data }) => said.push(JSON.parse(data));
      socket.onopen = () => sockets.push(socket);
      return response;
    },
  );
  const tracker = openTracker(`ws://127.0.0.1:${PORT}/swarm/demo`, () => JOIN, {
    message: (message) => events.push(message),
    ledger: (frame) => events.push(frame),
    away: () => events.push("away"),
  });
  await act({
    socket: sockets.next,
    heard: said.next,
    told: events.next,
    connections: () => closed.length,
    tracker,
  });
  tracker.close();
  await Promise.all(closed);
}

Deno.test("the first message on the swarm socket is the join", () =>
  withTracker(async ({ heard }) => {
    assertEquals(await heard(), JOIN);
  }));

Deno.test("messages and ledger frames come through, either way", () =>
  withTracker(async ({ socket, heard, told, tracker }) => {
    const edge = await socket();
    await heard();
    edge.send(JSON.stringify(WELCOME));
    assertEquals(await told(), WELCOME);
    const frame = { entry: entryOf(1), inject: [2] };
    edge.send(encodeLedgerFrame({ ...frame, digests: new Uint8Array(7 * 16) }));
    assertEquals(await told(), { ...frame, digests: new Uint8Array(7 * 16) });
    tracker.send({ type: "seek", want: 3, known: [] });
    assertEquals(await heard(), { type: "seek", want: 3, known: [] });
  }));

Deno.test("what is neither a message nor a ledger frame is passed over", () =>
  withTracker(async ({ socket, told }) => {
    const edge = await socket();
    for (const junk of ["", "<html>", "{", "null", "[", '"text'] as const) edge.send(junk);
    edge.send(new Uint8Array([1, 2, 3]));
    edge.send(new Uint8Array(0));
    edge.send(JSON.stringify(WELCOME));
    assertEquals(await told(), WELCOME);
  }));

Deno.test("after a drop it says so, pauses and joins again; longer while there is no welcome", () =>
  withTracker(async ({ socket, heard, told }) => {
    const pauses: number[] = [];
    let edge = await socket();
    for (const welcomed of [false, false, true]) {
      assertEquals(await heard(), JOIN);
      if (welcomed) {
        edge.send(JSON.stringify(WELCOME));
        assertEquals(await told(), WELCOME);
      }
      edge.close();
      assertEquals(await told(), "away");
      const droppedMs = performance.now();
      edge = await socket();
      pauses.push(performance.now() - droppedMs);
    }
    assertEquals(await heard(), JOIN);
    const [first, second, afterWelcome] = pauses as [number, number, number];
    assert(first > 120, `${first} ms; 125 to 250 are meant`);
    assert(second > 245, `${second} ms; 250 to 500 are meant`);
    assert(afterWelcome < 500, `${afterWelcome} ms; 125 to 250 are meant, and not 500 to 1000`);
  }));

Deno.test("while the edge is not there what is said is lost, and nothing throws", async () => {
  const away = Promise.withResolvers<void>();
  const tracker = openTracker(`ws://127.0.0.1:${PORT}/swarm/demo`, () => JOIN, {
    message() {},
    ledger() {},
    away: away.resolve,
  });
  tracker.send({ type: "leave" });
  await away.promise;
  tracker.send({ type: "leave" });
  tracker.close();
});

Deno.test("a fatal error is told, and the socket does not come back", () =>
  withTracker(async ({ socket, told, connections, tracker }) => {
    const edge = await socket();
    const closed = new Promise((resolve) => edge.addEventListener("close", resolve));
    const error: ServerMessage = { type: "error", code: "x", message: "No.", fatal: true };
    edge.send(JSON.stringify(error));
    assertEquals(await told(), error);
    await closed;
    tracker.send({ type: "leave" });
    assertEquals(connections(), 1);
  }));
