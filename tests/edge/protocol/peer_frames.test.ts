import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  decodePeerFrame,
  encodePeerFrame,
  MAX_FRAME_BYTES,
  MAX_MEMBERS,
  type PeerFrame,
} from "../../../edge/protocol/peer_frames.ts";
import { MAX_SIGNAL_BYTES } from "../../../edge/protocol/signal_limit.ts";
import { MAX_PIECE_BYTES } from "../../../edge/protocol/pieces.ts";
import {
  bufferMap,
  bytes,
  junk,
  members,
  pieceIndexes,
  runs,
  signal,
  standing,
  text,
  unit,
} from "./arbitraries.ts";

/** One arbitrary for each type of frame: a type without one does not compile. */
const frames: { [T in PeerFrame["type"]]: fc.Arbitrary<Extract<PeerFrame, { type: T }>> } = {
  hello: fc.record({
    type: fc.constant("hello"),
    version: fc.integer({ min: 0, max: 0xffff }),
    peer: text,
  }),
  have: fc.record({
    type: fc.constant("have"),
    standing,
    maps: fc.array(bufferMap, { maxLength: 16 }),
  }),
  want: fc.record({ type: fc.constant("want"), unit, pieces: pieceIndexes }),
  cancel: fc.record({ type: fc.constant("cancel"), unit, pieces: pieceIndexes }),
  refuse: fc.record({ type: fc.constant("refuse"), unit, pieces: pieceIndexes }),
  piece: fc.record({
    type: fc.constant("piece"),
    unit,
    index: fc.integer({ min: 0, max: 0xffff }),
    payload: bytes({ maxLength: 1_024 }),
  }),
  subscribe: fc.record({ type: fc.constant("subscribe"), rendition: fc.nat(0xff), runs }),
  unsubscribe: fc.record({ type: fc.constant("unsubscribe"), rendition: fc.nat(0xff), runs }),
  bye: fc.record({ type: fc.constant("bye") }),
  members: fc.record({ type: fc.constant("members"), room: fc.nat(0xff), members }),
  signal: fc.record({ type: fc.constant("signal"), from: text, to: text, signal }),
  shelf: fc.record({
    type: fc.constant("shelf"),
    rendition: fc.nat(0xff),
    epoch: fc.maxSafeNat().map((n) => n % 2 ** 32),
    blocks: bytes({ maxLength: 256 }),
  }),
  spare: fc.record({ type: fc.constant("spare"), unit, pieces: pieceIndexes }),
  lists: fc.record({ type: fc.constant("lists"), units: fc.array(unit, { maxLength: 16 }) }),
  digests: fc.record({
    type: fc.constant("digests"),
    unit,
    digests: bytes({ maxLength: 1_024 }),
  }),
};
const frame: fc.Arbitrary<PeerFrame> = fc.oneof(...Object.values(frames));

for (const [type, arbitrary] of Object.entries(frames)) {
  Deno.test(`a ${type} frame comes back from its bytes`, () => {
    fc.assert(fc.property(arbitrary as fc.Arbitrary<PeerFrame>, (frame) => {
      assertEquals(decodePeerFrame(encodePeerFrame(frame)), frame);
    }));
  });
}

Deno.test("arbitrary, truncated and altered bytes never throw", () => {
  const altered = fc.tuple(frame, fc.nat(), fc.nat(), fc.integer({ min: 0, max: 255 }))
    .map(([frame, end, at, value]) => {
      const bytes = encodePeerFrame(frame);
      const short = bytes.slice(0, end % (bytes.length + 1));
      if (short.length > 0) short[at % short.length] = value;
      return short;
    });
  fc.assert(
    fc.property(fc.oneof(junk, altered), (bytes) => {
      decodePeerFrame(bytes);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("the largest piece fits into a frame, and more than a frame is refused", () => {
  const [some] = fc.sample(frames.piece, { numRuns: 1, seed: 1 });
  const largest = encodePeerFrame({ ...some!, payload: new Uint8Array(MAX_PIECE_BYTES) });
  assert(decodePeerFrame(largest));
  const over = encodePeerFrame({ ...some!, payload: new Uint8Array(MAX_FRAME_BYTES) });
  assertEquals(decodePeerFrame(over), undefined);
});

Deno.test("frames stand on the wire as PROTOCOL.md lays them out", () => {
  const lags = new Uint8Array([3, 255]);
  const unit = { epoch: 1, rendition: 2, sequence: 3, part: 255 };
  const pieces = new Uint8Array([0xc0]);
  const standing = { rendition: 2, homes: 1, uplink: 0x0203, spare: [0, 9], lags };
  const unitBytes = [0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 3, 255];
  const laidOut: [PeerFrame, number[]][] = [
    [{ type: "hello", version: 5, peer: "a" }, [1, 0, 5, 1, 97]],
    [
      { type: "have", standing, maps: [{ unit, pieces }] },
      [2, 2, 1, 2, 3, 0, 0, 2, 1, 2, 3, 255, ...unitBytes, 0, 1, 0xc0],
    ],
    [{ type: "want", unit, pieces: [258] }, [3, ...unitBytes, 1, 2]],
    [{ type: "cancel", unit, pieces: [258] }, [4, ...unitBytes, 1, 2]],
    [{ type: "refuse", unit, pieces: [258] }, [5, ...unitBytes, 1, 2]],
    [{ type: "piece", unit, index: 258, payload: pieces }, [6, ...unitBytes, 1, 2, 0xc0]],
    [{ type: "subscribe", rendition: 2, runs: [0, 9, 31] }, [7, 2, 0x80, 0, 2, 1]],
    [{ type: "unsubscribe", rendition: 2, runs: [1] }, [8, 2, 0, 0, 0, 2]],
    [{ type: "bye" }, [9]],
    [
      { type: "members", room: 3, members: [{ peer: "a", room: 4, age: 5 }] },
      [10, 3, 1, 97, 4, 5],
    ],
    [
      { type: "signal", from: "a", to: "b", signal: { kind: "offer", sdp: "v=" } },
      [11, 1, 97, 1, 98, 1, 118, 61],
    ],
    [
      { type: "signal", from: "a", to: "b", signal: { kind: "answer", sdp: "v" } },
      [11, 1, 97, 1, 98, 2, 118],
    ],
    [
      {
        type: "signal",
        from: "a",
        to: "b",
        signal: { kind: "candidate", candidate: "c", mid: "" },
      },
      [11, 1, 97, 1, 98, 3, 0, 99],
    ],
    [
      {
        type: "signal",
        from: "a",
        to: "b",
        signal: { kind: "candidate", candidate: "c", mid: null },
      },
      [11, 1, 97, 1, 98, 4, 99],
    ],
    [{ type: "shelf", rendition: 2, epoch: 1, blocks: pieces }, [12, 2, 0, 0, 0, 1, 0xc0]],
    [{ type: "spare", unit, pieces: [258] }, [13, ...unitBytes, 1, 2]],
    [{ type: "lists", units: [unit, unit] }, [14, ...unitBytes, ...unitBytes]],
    [{ type: "digests", unit, digests: pieces }, [15, ...unitBytes, 0xc0]],
  ];
  for (const [frame, bytes] of laidOut) {
    assertEquals([...encodePeerFrame(frame)], bytes, frame.type);
    assertEquals(decodePeerFrame(new Uint8Array(bytes)), frame);
  }
});

Deno.test("a frame that ends within one of its fields is refused", () => {
  // Only lists and payloads may end sooner and still be a frame.
  const fixed = fc.oneof(frames.hello, frames.subscribe, frames.unsubscribe);
  fc.assert(fc.property(fixed, fc.nat(), (frame, end) => {
    const bytes = encodePeerFrame(frame);
    assertEquals(decodePeerFrame(bytes.slice(0, end % bytes.length)), undefined);
  }));
  fc.assert(fc.property(frames.have, fc.nat(), ({ type, standing, maps }, end) => {
    const [before, bytes] = [maps.slice(0, -1), maps].map((maps) =>
      encodePeerFrame({ type, standing, maps })
    ) as [Uint8Array, Uint8Array];
    // Somewhere in the last map, or in the standing where there is no map.
    const from = maps.length > 0 ? before.length + 1 : 0;
    const short = bytes.slice(0, from + end % (bytes.length - from));
    assertEquals(decodePeerFrame(short), undefined);
  }));
});

Deno.test("an unknown type and an empty frame are refused", () => {
  for (const bytes of [[], [0], [16], [255, 1, 2]]) {
    assertEquals(decodePeerFrame(new Uint8Array(bytes)), undefined);
  }
});

Deno.test("bytes after the end of a frame are refused", () => {
  const [hello] = fc.sample(frames.hello, { numRuns: 1, seed: 1 });
  for (const frame of [hello!, { type: "bye" } as const]) {
    assertEquals(decodePeerFrame(new Uint8Array([...encodePeerFrame(frame), 0])), undefined);
  }
});

Deno.test("more members than a frame may have, and a member cut short, are refused", () => {
  const member = { peer: "abcdefghijklmnopqrst", room: 1, age: 2 };
  const of = (count: number) =>
    encodePeerFrame({ type: "members", room: 0, members: new Array(count).fill(member) });
  assert(decodePeerFrame(of(MAX_MEMBERS)));
  assertEquals(decodePeerFrame(of(MAX_MEMBERS + 1)), undefined);
  assertEquals(decodePeerFrame(of(1).slice(0, -1)), undefined);
});

Deno.test("a signal of a kind that is none, in no UTF-8 or larger than may be is refused", () => {
  const bytesOf = (length: number) =>
    encodePeerFrame({
      type: "signal",
      from: "a",
      to: "b",
      signal: { kind: "offer", sdp: "v".repeat(length) },
    });
  assert(decodePeerFrame(bytesOf(MAX_SIGNAL_BYTES - 1)));
  assertEquals(decodePeerFrame(bytesOf(MAX_SIGNAL_BYTES)), undefined);
  for (const ending of [[], [0], [5, 118], [1, 0xff], [3, 9, 99]]) {
    assertEquals(decodePeerFrame(new Uint8Array([11, 1, 97, 1, 98, ...ending])), undefined);
  }
});
