import { assertEquals } from "@std/assert";
import { createRates, offload, type Reading } from "../../../web/headless/reading.ts";
import { statusJson, statusLine } from "../../../web/headless/status_line.ts";

const NONE: Reading = {
  atMs: 0,
  relays: 1,
  online: 1,
  viewers: 3,
  partners: 0,
  bytes: { peers: 0, edge: 0, uploaded: 0 },
  complete: 0,
  banned: 0,
};

function after(seconds: number, bytes: Reading["bytes"]): Reading {
  return { ...NONE, atMs: seconds * 1000, bytes };
}

Deno.test("rates are of the last seconds, over the bursts of segments", () => {
  const rates = createRates();
  assertEquals(rates(NONE), { down: 0, up: 0 });
  for (let second = 1; second <= 8; second++) {
    const burst = second % 2 === 0 ? second * 100 : (second - 1) * 100;
    const now = rates(after(second, { peers: burst, edge: 0, uploaded: burst / 2 }));
    if (second === 8) assertEquals(now, { down: 100, up: 50 });
  }
  let now = rates(after(9, { peers: 800, edge: 0, uploaded: 400 }));
  for (let second = 10; second <= 18; second++) {
    now = rates(after(second, { peers: 800, edge: 0, uploaded: 400 }));
  }
  assertEquals(now, { down: 0, up: 0 }, "what was long ago is no longer in it");
});

Deno.test("offload is the share that did not come from the edge", () => {
  assertEquals(offload(NONE), 0);
  assertEquals(offload(after(1, { peers: 300, edge: 100, uploaded: 0 })), 0.75);
});

Deno.test("one line tells partners, rates and offload", () => {
  const reading = { ...after(2, { peers: 9e6, edge: 1e6, uploaded: 12e6 }), partners: 5 };
  assertEquals(
    statusLine("demo", reading, { down: 125_000, up: 375_000 }),
    "demo · 5 partners · down 1 Mbit/s · up 3 Mbit/s · offload 90% · given 12 MB",
  );
});

Deno.test("the line says what is wrong", () => {
  const rates = { down: 0, up: 0 };
  const line = (reading: Partial<Reading>) =>
    statusLine("demo", { ...NONE, ...reading }, rates).split(" · ");
  assertEquals(line({ online: 0 })[1], "no edge");
  assertEquals(line({ relays: 3, online: 2 }).slice(0, 2), [
    "demo, 3 relays",
    "1 without the edge",
  ]);
  assertEquals(line({ partners: 1 })[1], "1 partner");
});

Deno.test("machines get one object a line", () => {
  const json = statusJson("demo", NONE, { down: 1, up: 2 });
  assertEquals(json.includes("\n"), false);
  assertEquals(JSON.parse(json), {
    channel: "demo",
    ...NONE,
    bytesPerSecond: { down: 1, up: 2 },
    offload: 0,
  });
});
