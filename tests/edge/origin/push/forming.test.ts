/** What a source is still sending can be read as it comes. */
import { assertEquals, assertRejects } from "@std/assert";
import { nextName } from "../../../../edge/origin/push/next_name.ts";
import { tsSegment } from "../scripted_upstream.ts";
import { playlist, sending } from "./sending.ts";

const MASTER_WAIT_MS = 1_500;
const WHOLE = tsSegment("the next");
const FIRST_BYTES = 100;

/** A channel that has two segments, and whose source has sent the beginning of the third. */
async function halfSent() {
  const stage = sending();
  const { live, platform, until, sequences, put, origin } = stage;
  await live(0, 1);
  await platform.advance(MASTER_WAIT_MS);
  await until(() => sequences().length === 2);
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>>();
  const writer = writable.getWriter();
  const putting = put("s2.ts", readable);
  await writer.write(WHOLE.subarray(0, FIRST_BYTES));
  const ask = (path: string, method = "GET") =>
    origin.respond(path, new Request("http://edge.test/", { method }));
  return { ...stage, ask, writer, putting };
}

Deno.test("a segment that is being put is sent on as it comes, and is the one that is then published", async () => {
  const { ask, writer, putting, put, until, sequences, origin } = await halfSent();
  const early = await ask("r0/2.ts");
  assertEquals(early.status, 200);
  assertEquals(early.headers.get("Content-Type"), "video/mp2t");
  assertEquals(early.headers.get("Cache-Control"), "no-store");
  const reader = early.body!.getReader();
  assertEquals((await reader.read()).value, WHOLE.subarray(0, FIRST_BYTES));
  assertEquals(sequences(), [0, 1], "the ledger names what is whole, and nothing else");
  assertEquals((await ask("r0/2.ts", "HEAD")).body, null);
  const late = (await ask("r0/2.ts")).bytes();
  await writer.write(WHOLE.subarray(FIRST_BYTES));
  await writer.close();
  assertEquals((await reader.read()).value, WHOLE.subarray(FIRST_BYTES));
  assertEquals((await reader.read()).done, true);
  assertEquals(await late, WHOLE);
  await putting;
  assertEquals(await (await ask("r0/2.ts")).bytes(), WHOLE, "before its playlist has come");
  await put("index.m3u8", playlist(0, 2));
  await until(() => sequences().length === 3);
  assertEquals(await (await ask("r0/2.ts")).bytes(), WHOLE);
  assertEquals(origin.stats().sent.segments, 4 * WHOLE.length);
  await origin.stop();
});

Deno.test("no other number is answered with it, and no other ending", async () => {
  const { ask, writer, putting, origin } = await halfSent();
  for (const path of ["r0/3.ts", "r1/2.ts", "r0/2.m4s", "r0/02.ts"]) {
    assertEquals((await ask(path)).status, 404, path);
  }
  await writer.close();
  await putting;
  await origin.stop();
});

Deno.test("an upload that breaks off, or proves to be no media, breaks its answers too", async () => {
  for (const [end, status] of [["abort", 400], ["close", 415]] as const) {
    const { ask, writer, putting, origin } = await halfSent();
    const answer = await ask("r0/2.ts");
    const body = assertRejects(() => answer.bytes());
    await writer[end]();
    assertEquals((await putting).status, status, end);
    await body;
    assertEquals((await ask("r0/2.ts")).status, 404, end);
    await origin.stop();
  }
});

Deno.test("segments are numbered in their names as a rule", () => {
  const names = ["live9.ts", "chunk-stream0-00009.m4s", "v1/a-99.m4s?x=1", "2026/segment", "x"];
  assertEquals(names.map(nextName), [
    "live10.ts",
    "chunk-stream0-00010.m4s",
    "v1/a-100.m4s",
    undefined,
    undefined,
  ]);
});
