import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  decodePeerFrame,
  encodePeerFrame,
  MAX_FRAME_BYTES,
  type PeerFrame,
} from "../../../edge/protocol/peer_frames.ts";
import { MAX_PIECE_BYTES } from "../../../edge/protocol/pieces.ts";
import { bufferMap, bytes, junk, pieceIndexes, runs, standing, unit } from "./arbitraries.ts";

/** One arbitrary for each type of frame: a type without one does not compile. */
const frames: { [T in PeerFrame["type"]]: fc.Arbitrary<Extract<PeerFrame, { type: T }>> } = {
  hello: fc.record({
    type: fc.constant("hello"),
    version: fc.integer({ min: 0, max: 0xffff }),
    peer: fc.string({ unit: "binary", maxLength: 60 }),
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
    [{ type: "hello", version: 2, peer: "a" }, [1, 0, 2, 1, 97]],
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
  for (const bytes of [[], [0], [10], [255, 1, 2]]) {
    assertEquals(decodePeerFrame(new Uint8Array(bytes)), undefined);
  }
});

Deno.test("bytes after the end of a frame are refused", () => {
  const [hello] = fc.sample(frames.hello, { numRuns: 1, seed: 1 });
  for (const frame of [hello!, { type: "bye" } as const]) {
    assertEquals(decodePeerFrame(new Uint8Array([...encodePeerFrame(frame), 0])), undefined);
  }
});
