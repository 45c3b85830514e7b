import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  ClientMessage,
  MAX_MESSAGE_CHARS,
  parseMessage,
  ServerMessage,
} from "../../../edge/protocol/messages.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";

const peer = "abcdefghijklmnopqrst";
const status = {
  playing: true,
  visible: true,
  uploads: true,
  partners: 3,
  uplink: 250_000,
  renditions: [0, 2],
};
const sdp = "v=0\r\n";
const channel = {
  name: "demo",
  title: "Demo",
  base: "/live/demo/",
  targetDurationMs: 2000,
  master: false,
  renditions: [{
    id: 0,
    kind: "main" as const,
    playlist: "index.m3u8",
    container: "fmp4" as const,
    attributes: "",
    inits: [{ epoch: 1, uri: "r0/init-1.mp4" }],
  }],
};

/** One of each type: a type without one does not compile. */
const fromClients: { [T in ClientMessage["type"]]: Extract<ClientMessage, { type: T }> } = {
  join: { type: "join", version: PROTOCOL_VERSION, peer, status },
  status: { type: "status", status },
  seek: { type: "seek", want: 6, known: [peer] },
  signal: { type: "signal", to: peer, signal: { kind: "offer", sdp } },
  injected: { type: "injected", unit: "1.0.7", runs: [0, 5] },
  report: { type: "report", bytes: { peers: 1, edge: 2, cache: 3, uploaded: 4 } },
  accuse: { type: "accuse", peer, unit: "1.0.7" },
  leave: { type: "leave" },
};
const fromServers: { [T in ServerMessage["type"]]: Extract<ServerMessage, { type: T }> } = {
  welcome: {
    type: "welcome",
    version: PROTOCOL_VERSION,
    channel,
    state: "on-air",
    viewers: 2,
    backlog: 3,
    iceServers: ["stun:edge.example:3478"],
  },
  describe: { type: "describe", channel },
  state: { type: "state", state: "upstream-down", detail: "refused" },
  introduce: { type: "introduce", peers: [peer] },
  signal: { type: "signal", from: peer, signal: { kind: "candidate", candidate: "", mid: null } },
  viewers: { type: "viewers", count: 9 },
  error: { type: "error", code: "junk", message: "no", fatal: true },
};

Deno.test("every message is read as it was written", () => {
  for (const message of Object.values(fromClients)) {
    assertEquals(parseMessage(ClientMessage, JSON.stringify(message)), message);
  }
  for (const message of Object.values(fromServers)) {
    assertEquals(parseMessage(ServerMessage, JSON.stringify(message)), message);
  }
});

Deno.test("arbitrary text and arbitrary JSON never throw", () => {
  const typed = fc.record({
    type: fc.constantFrom(...Object.keys(fromClients), ...Object.keys(fromServers)),
    peer: fc.jsonValue(),
    status: fc.jsonValue(),
    signal: fc.jsonValue(),
    bytes: fc.jsonValue(),
    channel: fc.jsonValue(),
  }, { requiredKeys: ["type"] });
  const text = fc.oneof(fc.string(), fc.json(), typed.map((value) => JSON.stringify(value)));
  fc.assert(
    fc.property(text, (text) => {
      parseMessage(ClientMessage, text);
      parseMessage(ServerMessage, text);
    }),
    { numRuns: 1_000 },
  );
  parseMessage(ClientMessage, "[".repeat(MAX_MESSAGE_CHARS));
});

Deno.test("a message that lacks any of its fields is refused", () => {
  for (const message of Object.values(fromClients)) {
    for (const missing of Object.keys(message)) {
      const rest = Object.entries(message).filter(([key]) => key !== missing);
      const text = JSON.stringify(Object.fromEntries(rest));
      assertEquals(parseMessage(ClientMessage, text), undefined, text);
    }
  }
});

Deno.test("unknown types, and those of the other side, are refused", () => {
  for (const type of ["", "JOIN", "welcome", "__proto__", "constructor"]) {
    assertEquals(parseMessage(ClientMessage, JSON.stringify({ type })), undefined);
  }
  assertEquals(parseMessage(ServerMessage, JSON.stringify(fromClients.join)), undefined);
});

Deno.test("a message of more than 32,768 characters is refused unread", () => {
  const padded = (chars: number) => JSON.stringify(fromClients.leave).padEnd(chars, " ");
  assert(parseMessage(ClientMessage, padded(MAX_MESSAGE_CHARS)));
  assertEquals(parseMessage(ClientMessage, padded(MAX_MESSAGE_CHARS + 1)), undefined);
});

Deno.test("numbers that are none, negative or without end are refused", () => {
  const report = (edge: string) =>
    `{"type":"report","bytes":{"peers":0,"edge":${edge},"cache":0,"uploaded":0}}`;
  assert(parseMessage(ClientMessage, report("0")));
  for (const number of ["-1", "1e999", "null", '"1"']) {
    assertEquals(parseMessage(ClientMessage, report(number)), undefined, number);
  }
});

Deno.test("an uplink that is none, and more runs than a unit can have, are refused", () => {
  const told = (uplink: unknown) =>
    parseMessage(
      ClientMessage,
      JSON.stringify({ type: "status", status: { ...status, uplink } }),
    );
  assert(told(0));
  for (const uplink of [undefined, null, -1, "1"]) assertEquals(told(uplink), undefined);
  const injected = (runs: unknown[]) =>
    parseMessage(ClientMessage, JSON.stringify({ type: "injected", unit: "1.0.7", runs }));
  assert(injected(Array(32).fill(0)));
  for (const runs of [Array(33).fill(0), [-1], ["0"]]) assertEquals(injected(runs), undefined);
});

Deno.test("peer ids of another shape and crowds are refused", () => {
  const seek = (known: string[], want = 1) =>
    parseMessage(ClientMessage, JSON.stringify({ type: "seek", want, known }));
  assert(seek(Array(64).fill(peer)));
  assertEquals(seek(Array(65).fill(peer)), undefined);
  assertEquals(seek([peer + "x"]), undefined);
  assertEquals(seek([peer.slice(1) + "/"]), undefined);
  assertEquals(seek([], 33), undefined);
  const missing = (silent: unknown) => ({ type: "seek", want: 1, known: [], silent });
  const read = (message: unknown) => parseMessage(ClientMessage, JSON.stringify(message));
  assertEquals(read(missing(Array(64).fill(peer))), missing(Array(64).fill(peer)));
  for (const not of [Array(65).fill(peer), [peer + "x"], peer]) {
    assertEquals(read(missing(not)), undefined);
  }
});
