import { assertEquals } from "@std/assert";
import { digest, digestList } from "../../../edge/protocol/digest_list.ts";
import { proveWhole } from "../../../web/net/verify.ts";
import { entryOf } from "../ledger_entries.ts";

const body = Uint8Array.from({ length: 50_000 }, (_, at) => at * 3);
const bare = entryOf(1, { length: body.length });
const digests = await digestList(body, bare);
const entry = { ...bare, root: await digest(digests) };

Deno.test("a whole unit that is what the ledger names comes out in pieces, with its digest list", async () => {
  const proven = await proveWhole(body, entry);
  assertEquals(proven?.digests, digests);
  assertEquals(proven?.payloads.map((piece) => piece.length), [16_384, 16_384, 16_384, 848]);
  assertEquals(new Uint8Array(await new Blob(proven!.payloads).arrayBuffer()), body);
});

Deno.test("a unit with one wrong bit is not proven, wherever it is", async () => {
  for (const at of [0, 16_384, body.length - 1]) {
    const wrong = body.slice();
    wrong[at]! ^= 1;
    assertEquals(await proveWhole(wrong, entry), undefined);
  }
});

Deno.test("a unit of another length is not proven", async () => {
  assertEquals(await proveWhole(body.slice(0, -1), entry), undefined);
  assertEquals(await proveWhole(new Uint8Array([...body, 0]), entry), undefined);
});

Deno.test("a whole unit is proven where its list covers parity too, and partners get that list", async () => {
  const protectedBare = entryOf(1, { length: body.length, parityRuns: 2 });
  const list = await digestList(body, protectedBare, 2);
  const proven = await proveWhole(body, { ...protectedBare, root: await digest(list) });
  assertEquals(proven?.digests, list);
  assertEquals(proven?.payloads.length, 4);
  assertEquals(await proveWhole(body, { ...entry, parityRuns: 2 }), undefined);
});
