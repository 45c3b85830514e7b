/** Parity with real bytes: a session rebuilds what its partner lacks, and makes parity for it. */
import { assert, assertEquals } from "@std/assert";
import { sealSegment } from "../../../edge/origin/publisher.ts";
import { hasBit } from "../../../edge/protocol/bitmap.ts";
import { isPieceOf } from "../../../edge/protocol/digest_list.ts";
import { encodeLedgerFrame } from "../../../edge/protocol/ledger_frame.ts";
import type { ServerMessage } from "../../../edge/protocol/messages.ts";
import { anyRunSpan, parityPieces } from "../../../edge/protocol/parity.ts";
import type { PeerFrame } from "../../../edge/protocol/peer_frames.ts";
import { pieceCount, pieceSpan } from "../../../edge/protocol/pieces.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";
import { openSwarmSession } from "../../../web/net/swarm_session.ts";
import { openTabLinks } from "../../../web/net/tab_links.ts";
import { waitUntil } from "../../support/wait.ts";
import { NOTHING } from "../swarm/network.ts";
import { linkLog } from "./link_log.ts";

const PUPPET = "puppet--------------";
const PATIENCE_MS = 10_000;
const LOST_RUN = 3;
const NO_BYTES = { peers: 0, edge: 0, cache: 0, uploaded: 0 };
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
  viewers: 2,
  backlog: 0,
  iceServers: [],
};

Deno.test("seven runs and one of parity are enough: the eighth is rebuilt, and the other parity made", async () => {
  const bytes = Uint8Array.from({ length: 250_001 }, (_, at) => (at * at) >> 7);
  const { entry, digests } = await sealSegment({
    unit: { epoch: 1, rendition: 0, sequence: 5 },
    container: "fmp4",
    bytes,
    startMs: 10_000,
    durationMs: 2_000,
    discontinuity: false,
  });
  const media = Array.from({ length: pieceCount(entry) }, (_, index) => {
    const { from, to } = pieceSpan(entry, index);
    return bytes.slice(from, to);
  });
  const all = [...media, ...parityPieces(entry, media)];
  const indexesOf = (run: number) => {
    const { from, to } = anyRunSpan(entry, run);
    return Array.from({ length: to - from }, (_, at) => from + at);
  };
  const lost = indexesOf(LOST_RUN);

  const sockets: WebSocket[] = [];
  await using server = Deno.serve({ port: 0, onListen: () => {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    sockets.push(socket);
    socket.onmessage = ({ data }) => {
      if (JSON.parse(data).type !== "join") return;
      socket.send(JSON.stringify(WELCOME));
      socket.send(encodeLedgerFrame({ entry, inject: [], digests }));
    };
    return response;
  });
  const { port } = server.addr;

  const got = new Map<number, Uint8Array>();
  let shown = 0;
  const log = linkLog((link) => {
    link.send({ type: "hello", version: PROTOCOL_VERSION, peer: PUPPET });
    const pieces = new Uint8Array(Math.ceil(media.length / 8)).fill(0xff);
    for (const index of lost) pieces[index >> 3]! &= ~(0x80 >> (index & 7));
    link.send({ type: "have", standing: NOTHING, maps: [{ unit: entry.unit, pieces }] });
  });
  const frame = (link: { send(frame: PeerFrame): void }, said: PeerFrame) => {
    if (said.type === "want") {
      for (const index of said.pieces) {
        link.send({ type: "piece", unit: entry.unit, index, payload: all[index]! });
      }
    }
    if (said.type === "piece") got.set(said.index, said.payload);
    if (said.type === "have") {
      const map = said.maps.find(({ unit }) => unit.sequence === entry.unit.sequence);
      if (map) shown = media.filter((_, index) => hasBit(map.pieces, index)).length;
    }
  };
  const tabs = openTabLinks("parity", PUPPET, { ...log, frame }, (peer) => !log.links.has(peer), 0);
  const session = openSwarmSession({
    base: `http://localhost:${port}/live/demo/`,
    tracker: `ws://localhost:${port}/swarm/demo`,
    conduct: { prefetch: "all", inject: false, upload: true, uploadCap: 1e7 },
    Connection: undefined,
    tabs: "parity",
    status: () => ({ playing: true, visible: true, uploads: true }),
    report: () => NO_BYTES,
    deliver: () => {},
    decline: () => {},
    onEntry: () => {},
    onOnline: () => {},
    beat: () => tabs.tick(performance.now()),
  });
  try {
    await waitUntil("all but a run", () => shown === media.length - lost.length, PATIENCE_MS);
    const link = [...log.links.values()][0]!;
    const [given, made] = [indexesOf(entry.runs), indexesOf(entry.runs + 1)];
    for (const index of given) {
      link.send({ type: "piece", unit: entry.unit, index, payload: all[index]! });
    }
    await waitUntil("the run rebuilt", () => session.totals().complete === 1, PATIENCE_MS);
    link.send({ type: "want", unit: entry.unit, pieces: [...lost, ...made] });
    await waitUntil("what was wanted", () => got.size === lost.length + made.length, PATIENCE_MS);
    for (const [index, payload] of got) {
      assertEquals(payload, all[index]);
      assert(await isPieceOf(payload, digests, index));
    }
  } finally {
    session.close();
    tabs.closeAll();
    for (const socket of sockets) socket.close();
  }
});
