import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cutResponse, isWhole, partialResponse, planRange } from "../../sw/partial.ts";

Deno.test("a range is planned as RFC 9110 says", () => {
  const cases: [string | null, ReturnType<typeof planRange>][] = [
    [null, { status: 200, from: 0, to: 100 }],
    ["bytes=0-", { status: 206, from: 0, to: 100 }],
    ["bytes=0-1", { status: 206, from: 0, to: 2 }],
    ["Bytes=10-19", { status: 206, from: 10, to: 20 }],
    ["bytes=90-900", { status: 206, from: 90, to: 100 }],
    ["bytes=99-", { status: 206, from: 99, to: 100 }],
    ["bytes=-10", { status: 206, from: 90, to: 100 }],
    ["bytes=-900", { status: 206, from: 0, to: 100 }],
    ["bytes=100-", { status: 416 }],
    ["bytes=-0", { status: 416 }],
  ];
  for (const [range, plan] of cases) assertEquals(planRange(100, range), plan);
});

Deno.test("a range that makes no sense is ignored", () => {
  for (
    const range of ["", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,5-6", "lines=0-1"]
  ) {
    assertEquals(planRange(100, range), { status: 200, from: 0, to: 100 });
  }
});

Deno.test("a plan never leaves the body, whatever is asked", () => {
  const header = fc.oneof(
    fc.string(),
    fc.tuple(fc.nat(), fc.nat()).map(([from, to]) => `bytes=${from}-${to}`),
    fc.nat().map((from) => `bytes=${from}-`),
    fc.nat().map((length) => `bytes=-${length}`),
  );
  fc.assert(fc.property(fc.nat(), header, (length, range) => {
    const plan = planRange(length, range);
    if (plan.status === 416) return;
    assert(0 <= plan.from && plan.from <= plan.to && plan.to <= length);
    if (plan.status === 206) assert(plan.from < plan.to);
  }));
});

Deno.test("only no range and all bytes are the whole", () => {
  assert(isWhole(null) && isWhole("bytes=0-"));
  assert(!isWhole("bytes=0-1") && !isWhole("bytes=1-") && !isWhole(""));
});

Deno.test("a probe for two bytes gets just these, and is told of the rest", async () => {
  const whole = new Response("0123456789", { headers: { "content-type": "video/mp4" } });
  const response = await cutResponse(whole, "bytes=0-1");
  assertEquals(response.status, 206);
  assertEquals(response.headers.get("content-range"), "bytes 0-1/10");
  assertEquals(response.headers.get("content-length"), "2");
  assertEquals(response.headers.get("content-type"), "video/mp4");
  assertEquals(await response.text(), "01");
});

Deno.test("a range behind the end is refused with the length", () => {
  const response = partialResponse(planRange(10, "bytes=10-"), 10, "video/mp4", null);
  assertEquals(response.status, 416);
  assertEquals(response.headers.get("content-range"), "bytes */10");
});
