import { assertEquals, assertRejects } from "@std/assert";
import { IngestError } from "../../../../edge/origin/push/ingest_error.ts";
import { createShelf } from "../../../../edge/origin/push/shelf.ts";

const LIMITS = { maxFileBytes: 10, maxBytes: 20, maxOpen: 2 };
const body = (length: number) => new Response(new Uint8Array(length)).body;

async function refusal(put: () => Promise<unknown>): Promise<[number, string]> {
  const error = await assertRejects(put, IngestError);
  return [error.status, error.code];
}

Deno.test("a shelf holds so many bytes: the oldest files go, one that is put again is new", async () => {
  const shelf = createShelf(LIMITS);
  for (const path of ["a", "b", "a", "c"]) await shelf.put(path, body(8));
  assertEquals(["a", "b", "c"].map((path) => shelf.has(path)), [true, false, true]);
  assertEquals(shelf.delete("a"), true);
  assertEquals(shelf.delete("a"), false);
  await shelf.put("d", body(10));
  assertEquals(shelf.has("c"), true, "what was deleted takes no room");
});

Deno.test("a file that is too large is refused, and what was there under its name stays", async () => {
  const shelf = createShelf(LIMITS);
  await shelf.put("a", body(3));
  assertEquals(await refusal(() => shelf.put("a", body(11))), [413, "upload-too-large"]);
  assertEquals((await shelf.get("a"))?.length, 3);
});

Deno.test("only so many files are taken at one time", async () => {
  const shelf = createShelf(LIMITS);
  const open = ["a", "b"].map((path) => {
    const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>>();
    return { writable, put: shelf.put(path, readable) };
  });
  assertEquals(await refusal(() => shelf.put("c", body(1))), [429, "too-many-uploads"]);
  await Promise.all(open.map(({ writable }) => writable.close()));
  await Promise.all(open.map(({ put }) => put));
  await shelf.put("c", body(1));
});
