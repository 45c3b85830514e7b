/** Real WebRTC between peers of one process, over node-datachannel. */
import { assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { cleanup } from "node-datachannel";
import { RTCPeerConnection } from "node-datachannel/polyfill";
import type { Signal } from "../../../edge/protocol/messages.ts";
import { createPeerConnections, type PeerConnections } from "../../../web/net/peer_connections.ts";
import { entryOf } from "../ledger_entries.ts";
import { type LinkLog, linkLog } from "./link_log.ts";

const Real = RTCPeerConnection as unknown as typeof globalThis.RTCPeerConnection;

// The library's threads would outlive the tests and crash the process at its end. `cleanup` tells them
// to end, but neither waits for them nor says when they have.
const THREADS_END_MS = 300;
Deno.test.afterAll(async () => {
  cleanup();
  await delay(THREADS_END_MS);
});

interface Peer extends LinkLog {
  readonly connections: PeerConnections;
}

interface Sent {
  readonly from: string;
  readonly to: string;
  readonly signal: Signal;
}

/** A connection was closed before anyone had closed one. */
let closedByItself = false;

/**
 * A test that needs a real link. On a busy machine the library closes about one connection in 500
 * by itself within its first milliseconds, which is no fault of ours: then, and only then, once more.
 */
function linkTest(name: string, body: () => Promise<void>): void {
  Deno.test(name, async () => {
    for (let triesLeft = 2;; triesLeft--) {
      closedByItself = false;
      try {
        return await body();
      } catch (error) {
        if (!closedByItself || triesLeft === 0) throw error;
      }
    }
  });
}

/** Peers whose signals go through `carry`, as they do through the edge. */
function swarm(
  carry: (sent: Sent, deliver: (signal?: Signal) => void) => void = (_, deliver) => deliver(),
) {
  const peers = new Map<string, Peer>();
  const signals: Sent[] = [];
  const opened: globalThis.RTCPeerConnection[] = [];
  /** Someone has closed a connection since the last one was made. */
  let closing = false;

  class Counted extends Real {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      opened.push(this);
      closing = false;
    }
    override close(): void {
      if (!closing && this.connectionState === "closed") closedByItself = true;
      closing = true;
      super.close();
    }
  }

  return {
    signals,
    add(self: string, mayJoin: (peer: string) => boolean = () => true, timeoutMs?: number): Peer {
      const log = linkLog();
      const connections = createPeerConnections(
        {
          self,
          events: log,
          signal(to, signal) {
            const sent = { from: self, to, signal };
            signals.push(sent);
            carry(sent, (changed = signal) => peers.get(to)?.connections.receive(self, changed));
          },
          mayJoin: (peer) => !log.links.has(peer) && mayJoin(peer),
          failed: (peer) => log.tell(`failed ${peer}`),
        },
        Counted,
        timeoutMs,
      );
      const peer = { ...log, connections };
      peers.set(self, peer);
      return peer;
    },
    /** Closes everything and sees that no connection is left open. */
    async [Symbol.asyncDispose]() {
      for (const { connections } of peers.values()) connections.closeAll();
      await Promise.all(opened.map(closed));
    },
  };
}

/** Waits until the native side has let go of the connection. */
async function closed(connection: globalThis.RTCPeerConnection): Promise<void> {
  if (connection.connectionState === "closed") return;
  await new Promise<void>((resolve) => {
    connection.addEventListener("connectionstatechange", () => {
      if (connection.connectionState === "closed") resolve();
    });
  });
}

async function linked(a: Peer, b: Peer): Promise<void> {
  a.connections.connect("b");
  await Promise.all([a.until("open b"), b.until("open a")]);
}

linkTest("introduced peers connect, and frames go both ways", async () => {
  await using net = swarm();
  const a = net.add("a");
  const b = net.add("b");
  await linked(a, b);
  const { unit } = entryOf(1);
  const payload = crypto.getRandomValues(new Uint8Array(16_384));
  a.links.get("b")!.send({ type: "piece", unit, index: 2, payload });
  b.links.get("a")!.send({ type: "want", unit, pieces: [2, 3] });
  await Promise.all([b.until("piece a"), a.until("want b"), a.until("sent b")]);
  assertEquals(b.frames, [{ type: "piece", unit, index: 2, payload }]);
  assertEquals(a.frames, [{ type: "want", unit, pieces: [2, 3] }]);
  assertEquals(a.sentBytes.total, payload.length);
});

linkTest("two offers at once end in one link, that of the peer with the lesser id", async () => {
  const held: (() => void)[] = [];
  let offers = 0;
  await using net = swarm(({ signal }, deliver) => {
    if (signal.kind === "offer") offers++;
    // Nothing arrives before both have offered.
    held.push(deliver);
    if (offers >= 2) { for (const one of held.splice(0)) one(); }
  });
  const a = net.add("a");
  const b = net.add("b");
  a.connections.connect("b");
  b.connections.connect("a");
  await Promise.all([a.until("open b"), b.until("open a")]);
  b.links.get("a")!.send({ type: "bye" });
  a.links.get("b")!.send({ type: "bye" });
  await Promise.all([a.until("bye b"), b.until("bye a")]);
  assertEquals(a.told, ["open b", "bye b"]);
  assertEquals(b.told, ["open a", "bye a"]);
  const answers = net.signals.filter(({ signal }) => signal.kind === "answer");
  assertEquals(answers.map(({ from }) => from), ["b"]);
});

linkTest("a link that one side closes is closed for the other, and may be made again", async () => {
  await using net = swarm();
  const a = net.add("a");
  const b = net.add("b");
  await linked(a, b);
  a.links.get("b")!.close();
  assertEquals(a.told, ["open b", "close b"]);
  await b.until("close a");
  a.told.length = b.told.length = 0;
  await linked(a, b);
  assertEquals([a.told, b.told], [["open b"], ["open a"]]);
});

linkTest("candidates that come before the answer are kept for it", async () => {
  const early: (() => void)[] = [];
  const candidate = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<() => void>();
  await using net = swarm(({ from, signal }, deliver) => {
    if (signal.kind === "offer") deliver(withoutCandidates(signal));
    else if (signal.kind === "answer") answer.resolve(() => deliver(withoutCandidates(signal)));
    // `b` is told of no candidate: the link comes about only if `a` uses those of `b`.
    else if (from === "b") {
      early.push(deliver);
      candidate.resolve();
    }
  });
  const a = net.add("a");
  const b = net.add("b");
  a.connections.connect("b");
  const deliverAnswer = await answer.promise;
  await candidate.promise;
  for (const deliver of early.splice(0)) deliver();
  deliverAnswer();
  await Promise.all([a.until("open b"), b.until("open a")]);
});

function withoutCandidates(signal: Signal & { kind: "offer" | "answer" }): Signal {
  return { ...signal, sdp: signal.sdp.replaceAll(/a=(candidate|end-of-candidates).*\r\n/g, "") };
}

linkTest("a candidate of no use, early or late, does not end an attempt", async () => {
  await using net = swarm();
  const a = net.add("a");
  const b = net.add("b");
  const nonsense: Signal = { kind: "candidate", candidate: "candidate:nonsense", mid: "0" };
  a.connections.connect("b");
  a.connections.receive("b", nonsense);
  await a.until("open b");
  b.connections.receive("a", nonsense);
  await b.until("open a");
  assertEquals([a.told, b.told], [["open b"], ["open a"]]);
});

Deno.test("an offer that nobody answers fails after its time", async () => {
  await using net = swarm();
  const a = net.add("a", undefined, 20);
  a.connections.connect("nobody");
  await a.until("failed nobody");
  assertEquals(a.told, ["failed nobody"]);
});

Deno.test("the time to connect does not run on for a link that is open", async () => {
  const channel = { readyState: "connecting", onopen() {} };
  const Instant = function () {
    return {
      createDataChannel: () => channel,
      createOffer: () => new Promise(() => {}),
      close() {},
    };
  } as unknown as typeof globalThis.RTCPeerConnection;
  const log = linkLog();
  const connections = createPeerConnections(
    { self: "a", events: log, signal() {}, mayJoin: () => true, failed: (peer) => log.tell(peer) },
    Instant,
    10,
  );
  connections.connect("b");
  channel.onopen();
  await delay(30);
  assertEquals(log.told, ["open b"]);
  connections.closeAll();
});

Deno.test("a description that is none fails the attempt, once", async () => {
  await using net = swarm((_, __) => {});
  const a = net.add("a");
  a.connections.receive("b", { kind: "offer", sdp: "nonsense" });
  await a.until("failed b");
  a.connections.connect("c");
  a.connections.receive("c", { kind: "answer", sdp: "nonsense" });
  await a.until("failed c");
  assertEquals(a.told, ["failed b", "failed c"]);
});

Deno.test("signals that belong to nothing are passed over", async () => {
  await using net = swarm();
  const a = net.add("a");
  a.connections.receive("b", { kind: "answer", sdp: "nonsense" });
  a.connections.receive("b", { kind: "candidate", candidate: "nonsense", mid: null });
  assertEquals(a.told, []);
  assertEquals(net.signals, []);
});

Deno.test("a peer that may not join gets neither an offer nor an answer", async () => {
  await using net = swarm();
  const a = net.add("a", () => false);
  const b = net.add("b", undefined, 20);
  a.connections.connect("b");
  assertEquals(net.signals, []);
  b.connections.connect("a");
  await b.until("failed a");
  assertEquals(net.signals.filter(({ from }) => from === "a"), []);
});

Deno.test("one attempt to a peer is made at a time", async () => {
  await using net = swarm();
  const a = net.add("a", undefined, 20);
  a.connections.connect("nobody");
  a.connections.connect("nobody");
  await a.until("failed nobody");
  assertEquals(net.signals.filter(({ signal }) => signal.kind === "offer").length, 1);
});

Deno.test("an address of a STUN server that is none fails the attempt, and throws nothing", async () => {
  await using net = swarm();
  const a = net.add("a");
  a.connections.setIceServers(["nonsense"]);
  a.connections.connect("b");
  assertEquals(a.told, ["failed b"]);
});

linkTest(
  "closing all closes links for both sides, and attempts without calling them failed",
  async () => {
    await using net = swarm();
    const a = net.add("a");
    const b = net.add("b");
    await linked(a, b);
    a.connections.connect("nobody");
    a.connections.closeAll();
    assertEquals(a.told, ["open b", "close b"]);
    await b.until("close a");
  },
);
