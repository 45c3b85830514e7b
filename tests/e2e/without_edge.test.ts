/** Real WebRTC between peers whose edge has gone: they meet by way of a partner of both. */
import { assertEquals } from "@std/assert";
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import { openHeadlessSession } from "../../web/headless/headless_session.ts";
import { Connection, endWebRtc } from "../../web/headless/webrtc.ts";
import type { SwarmSession } from "../../web/net/swarm_session.ts";
import type { Conduct } from "../../web/swarm/io.ts";
import { waitUntil } from "../support/wait.ts";
import { type ScriptedEdge, startScriptedEdge } from "../support/scripted_edge.ts";

/** Members are told of within four seconds, and tried within three; a busy machine takes longer. */
const PATIENCE_MS = 25_000;
/** Takes no media but what it demands, so that what comes to somebody comes straight. */
const CONDUCT: Conduct = { prefetch: "none", inject: false, upload: true, uploadCap: 1e7 };

Deno.test.afterAll(endWebRtc);

interface Peer {
  readonly id: string;
  readonly session: SwarmSession;
  readonly heard: LedgerEntry[];
  /** Every connection that it began, oldest first. */
  readonly opened: readonly RTCPeerConnection[];
}

/** Peers of one edge, closed at the end, with all that their connections run on. */
function audience(edge: ScriptedEdge) {
  const peers: Peer[] = [];
  return {
    async join(conduct: Conduct = CONDUCT): Promise<Peer> {
      const heard: LedgerEntry[] = [];
      const opened: RTCPeerConnection[] = [];
      class Counted extends Connection {
        constructor(configuration?: RTCConfiguration) {
          super(configuration);
          opened.push(this);
        }
      }
      const session = openHeadlessSession(edge, {
        conduct,
        Connection: Counted,
        onEntry: (entry) => void heard.push(entry),
      });
      const joined = edge.peers.length;
      await waitUntil("a join", () => edge.peers.length > joined, PATIENCE_MS);
      const peer = { id: edge.peers.at(-1)!, session, heard, opened };
      peers.push(peer);
      return peer;
    },
    async [Symbol.asyncDispose]() {
      for (const { session } of peers) session.close();
      const opened = peers.flatMap((peer) => peer.opened);
      const closed = () => opened.every((one) => one.connectionState === "closed");
      await waitUntil("the end of all connections", closed, PATIENCE_MS);
    },
  };
}

const partnersOf = ({ session }: Peer) => session.totals().partners;

async function havePartners(peers: readonly Peer[], count: number): Promise<void> {
  const all = () => peers.every((peer) => partnersOf(peer) >= count);
  await waitUntil(`${count} partners each`, all, PATIENCE_MS)
    .catch((error) => {
      throw new Error(`${error.message}: ${peers.map(partnersOf)}`);
    });
}

/** Lets a peer get the segment from its partners. */
async function play({ session }: Peer, entry: LedgerEntry): Promise<void> {
  session.demand(1, entry, performance.now() + PATIENCE_MS);
  const whole = () => session.totals().complete === 1;
  await waitUntil("the whole segment, checked", whole, PATIENCE_MS);
}

async function link(edge: ScriptedEdge, a: Peer, b: Peer): Promise<void> {
  const [ofA, ofB] = [partnersOf(a), partnersOf(b)];
  edge.introduce(a.id, b.id);
  await waitUntil("a link", () => partnersOf(a) > ofA && partnersOf(b) > ofB, PATIENCE_MS);
}

Deno.test("two that know each other only by way of a third connect without an edge, and exchange media", async () => {
  await using edge = startScriptedEdge();
  await using swarm = audience(edge);
  const a = await swarm.join();
  const between = await swarm.join();
  const c = await swarm.join();
  await link(edge, a, between);
  await link(edge, c, between);
  const { entry, bytes } = await edge.publish(1);
  await waitUntil("the entry", () => c.heard.length === 1, PATIENCE_MS);
  const carried = edge.signals();
  await edge.goAway();
  await a.session.hold(entry, bytes);

  await havePartners([a, c], 2);
  await play(c, entry);
  assertEquals(c.session.totals().received, { peers: bytes.length, edge: 0 });
  assertEquals(between.session.totals().uploaded, 0);
  assertEquals(a.session.totals().uploaded, bytes.length);
  assertEquals(edge.signals(), carried);
});

Deno.test("a ring that loses peers while the edge is away closes again, and media goes around", async () => {
  await using edge = startScriptedEdge();
  await using swarm = audience(edge);
  const two = { ...CONDUCT, partners: 2 };
  const ring: Peer[] = [];
  for (let count = 0; count < 6; count++) ring.push(await swarm.join(two));
  // All at once: within four seconds those with one partner meet others by themselves, and are full.
  for (const [at, { id }] of ring.entries()) edge.introduce(id, ring[(at + 1) % 6]!.id);
  await havePartners(ring, 2);
  const { entry, bytes } = await edge.publish(1);
  await waitUntil("the entry", () => ring.every(({ heard }) => heard.length === 1), PATIENCE_MS);
  await edge.goAway();

  const [a, lost, ...others] = ring as [Peer, Peer, ...Peer[]];
  const before = a.opened.length;
  lost.session.close();
  // It may meet another at once.
  const noticed = () => partnersOf(a) < 2 || a.opened.length > before;
  await waitUntil("its loss", noticed, PATIENCE_MS);
  await havePartners([a, ...others], 2);
  await a.session.hold(entry, bytes);
  await Promise.all(others.map((peer) => play(peer, entry)));
  assertEquals(others.map(({ session }) => session.totals().received.edge), [0, 0, 0, 0]);
});
