import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  decodeLedgerEntry,
  encodeLedgerEntry,
  MAX_ENTRY_BYTES,
} from "../../../edge/protocol/ledger_entry.ts";
import { entry, junk } from "./arbitraries.ts";

const sample = () => fc.sample(entry, { numRuns: 1, seed: 7 })[0]!;

Deno.test("an entry comes back from its bytes, of which there are at most 160", () => {
  fc.assert(fc.property(entry, (entry) => {
    const bytes = encodeLedgerEntry(entry);
    assert(bytes.length <= MAX_ENTRY_BYTES);
    assertEquals(decodeLedgerEntry(bytes), entry);
  }));
});

Deno.test("the fields stand where PROTOCOL.md says", () => {
  const entry = { ...sample(), uri: "r0/7.m4s", discontinuity: true, startMs: 0x010203040506 };
  const bytes = encodeLedgerEntry(entry);
  const view = new DataView(bytes.buffer);
  assertEquals([bytes[0], bytes[1]! & 1], [1, 1]);
  assertEquals([...bytes.subarray(14, 20)], [1, 2, 3, 4, 5, 6]);
  assertEquals(view.getUint32(20), entry.durationMs);
  assertEquals(view.getUint32(24), entry.length);
  assertEquals(view.getUint16(28), entry.pieceBytes);
  assertEquals([bytes[30], bytes[31]], [entry.runs, entry.parityRuns]);
  assertEquals(bytes.slice(32, 48), new Uint8Array(entry.root));
  assertEquals(new TextDecoder().decode(bytes.subarray(49, 49 + bytes[48]!)), entry.uri);
});

Deno.test("arbitrary bytes are refused or understood, never thrown at", () => {
  fc.assert(fc.property(junk, (bytes) => {
    decodeLedgerEntry(bytes);
  }));
});

Deno.test("what is understood is said by the same bytes again, so that a signature keeps its meaning", () => {
  const changed = fc.tuple(entry, fc.nat(), fc.integer({ min: 1, max: 255 }))
    .map(([entry, at, bits]) => {
      const bytes = encodeLedgerEntry(entry);
      bytes[at % bytes.length]! ^= bits;
      return bytes;
    });
  fc.assert(
    fc.property(changed, (bytes) => {
      const entry = decodeLedgerEntry(bytes);
      if (entry) assertEquals(encodeLedgerEntry(entry), bytes);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("no shorter and no longer bytes pass for an entry", () => {
  fc.assert(fc.property(entry, fc.nat(), (entry, at) => {
    const bytes = encodeLedgerEntry(entry);
    assertEquals(decodeLedgerEntry(bytes.subarray(0, at % bytes.length)), undefined);
    assertEquals(decodeLedgerEntry(new Uint8Array([...bytes, 0])), undefined);
  }));
});

Deno.test("a URI that leaves the channel's folder is refused", () => {
  const outside = [
    ...["", "/", "/etc", "..", "../x", "a/../b", "a/..", "./a", "a//b", "a/", ".hidden"],
    ...["http://x", "//x/y", "a\\b", "a?b", "a#b", "a%2e%2e", "a b", "a\n", "ä"],
  ];
  for (const uri of outside) {
    assertEquals(decodeLedgerEntry(encodeLedgerEntry({ ...sample(), uri })), undefined, uri);
  }
  fc.assert(fc.property(fc.string({ maxLength: 40 }), (uri) => {
    const entry = decodeLedgerEntry(encodeLedgerEntry({ ...sample(), uri }));
    if (!entry) return;
    const base = "http://edge.example/live/name/";
    assertEquals(new URL(entry.uri, base).href, base + uri);
  }));
});

Deno.test("impossible cuts are refused", () => {
  const impossible = [
    { length: 0 },
    { pieceBytes: 0 },
    { pieceBytes: 60 * 1024 + 1 },
    { runs: 0 },
    { length: 1, pieceBytes: 16 * 1024, runs: 2 },
    { length: 2 ** 32 - 1, pieceBytes: 1_024 },
    { length: 2_000_000, pieceBytes: 32_768, runs: 30, parityRuns: 3 },
    // 4,096 pieces of media, and 15 times as many of parity: more than an index can name.
    { length: 4_096, pieceBytes: 1, runs: 1, parityRuns: 15 },
  ];
  for (const cut of impossible) {
    assertEquals(decodeLedgerEntry(encodeLedgerEntry({ ...sample(), ...cut })), undefined);
  }
});

Deno.test("a URI too long for an entry is said to the caller", () => {
  assertThrows(() => encodeLedgerEntry({ ...sample(), uri: "a".repeat(112) }), RangeError);
});

Deno.test("no unit is both a block of a file and a part of the endless stream", () => {
  const { offset: _, ...entry } = sample();
  const both = { ...entry, offset: 1, stream: { life: 2, at: 3 } };
  assertEquals(decodeLedgerEntry(encodeLedgerEntry(both)), undefined);
});
