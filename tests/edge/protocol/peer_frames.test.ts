import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  decodePeerFrame,
  encodePeerFrame,
  MAX_FRAME_BYTES,
  type PeerFrame,
} from "../../../edge/protocol/peer_frames.ts";
import { MAX_PIECE_BYTES } from "../../../edge/protocol/pieces.ts";
import { bufferMap, bytes, junk, pieceIndexes, unit } from "./arbitraries.ts";

/** One arbitrary for each type of frame: a type without one does not compile. */
const frames: { [T in PeerFrame["type"]]: fc.Arbitrary<Extract<PeerFrame, { type: T }>> } = {
  hello: fc.record({
    type: fc.constant("hello"),
    version: fc.integer({ min: 0, max: 0xffff }),
    peer: fc.string({ unit: "binary", maxLength: 60 }),
  }),
  digests: fc.record({
    type: fc.constant("digests"),
    unit,
    digests: bytes({ maxLength: 1_024 }),
  }),
  have: fc.record({ type: fc.constant("have"), maps: fc.array(bufferMap, { maxLength: 16 }) }),
  want: fc.record({ type: fc.constant("want"), unit, pieces: pieceIndexes }),
  cancel: fc.record({ type: fc.constant("cancel"), unit, pieces: pieceIndexes }),
  refuse: fc.record({ type: fc.constant("refuse"), unit, pieces: pieceIndexes }),
  piece: fc.record({
    type: fc.constant("piece"),
    unit,
    index: fc.integer({ min: 0, max: 0xffff }),
    payload: bytes({ maxLength: 1_024 }),
  }),
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
