/** What partners say of themselves, and what follows from it. */
import { assertEquals } from "@std/assert";
import { newPartner } from "../../../web/swarm/partner_book.ts";
import { slotOf } from "../../../web/swarm/slots.ts";
import { hasSpare, lagAt, noteStanding } from "../../../web/swarm/standing.ts";
import { ACTIVE, entryOf, NOTHING } from "./network.ts";
import { ALL_RUNS, framesTo, pushed, SLOT_RATE, stage } from "./stage.ts";

Deno.test("what a partner says of a rendition takes the place of what it said of that one before", () => {
  const partner = newPartner("a", 0);
  const say = (rendition: number, spare: number[], lags: number[]) =>
    noteStanding(partner, {
      ...NOTHING,
      rendition,
      homes: 3,
      uplink: 100,
      spare,
      lags: new Uint8Array(lags),
    });
  say(0, [0, 1], [10, 20]);
  say(1, [5], [30]);
  say(0, [1, 2], [255, 5]);
  assertEquals([partner.homes, partner.uplink], [3, 100 * 1024]);
  const slots = [0, 1, 2].map((run) => slotOf(0, run)).concat(slotOf(1, 0), slotOf(1, 5));
  assertEquals(slots.map((slot) => hasSpare(partner, slot)), [false, true, true, false, true]);
  assertEquals(slots.map((slot) => lagAt(partner, slot)), [
    undefined,
    80,
    undefined,
    480,
    undefined,
  ]);
});

Deno.test("an uplink that has not been measured counts as half of the stream", () => {
  const { network, node } = stage({ ...ACTIVE, uploadCap: Infinity });
  network.publish(entryOf(1));
  network.run(100);
  assertEquals(node.engine.totals().uplink, (ALL_RUNS.length * SLOT_RATE) / 2);
});

Deno.test("what waits for a child that wants the substream no longer is not sent", () => {
  const { network, node, measure, partner, subscribe } = stage();
  measure();
  partner("child");
  network.publish(entryOf(9));
  subscribe("child", ...ALL_RUNS);
  network.handle(node, { type: "conduct", conduct: { ...ACTIVE, uploadCap: 10_000 } });
  network.publish(entryOf(10), { self: ALL_RUNS });
  network.run(200);
  const before = pushed(node, "child", 10).length;
  subscribe("child");
  network.run(60_000);
  assertEquals(pushed(node, "child", 10).length, before);
});

Deno.test("a child that says again what it wants is not pushed anything twice", () => {
  const { network, node, measure, partner, subscribe } = stage();
  measure();
  partner("child");
  network.publish(entryOf(9), { self: ALL_RUNS });
  subscribe("child", ...ALL_RUNS);
  network.run(500);
  const before = framesTo(node, "child", "piece").length;
  subscribe("child", ...ALL_RUNS);
  network.run(500);
  assertEquals(framesTo(node, "child", "piece").length, before);
  assertEquals(before > 0, true);
});

Deno.test("who uploads again pushes nothing before it is asked to", () => {
  const { network, node, measure, partner, subscribe } = stage();
  measure();
  partner("child");
  network.publish(entryOf(9));
  subscribe("child", ...ALL_RUNS);
  for (const upload of [false, true]) {
    network.handle(node, { type: "conduct", conduct: { ...ACTIVE, upload } });
  }
  network.publish(entryOf(10), { self: ALL_RUNS });
  network.run(1_000);
  assertEquals(pushed(node, "child", 10), []);
});

Deno.test("an uplink that does not carry one child is at home nowhere", () => {
  for (const [cap, homes] of [[1, 0], [1.2, 1], [3.4, 1]] as const) {
    const { network, node, partner } = stage({ ...ACTIVE, uploadCap: cap * SLOT_RATE });
    partner("child");
    network.publish(entryOf(1), { self: ALL_RUNS });
    network.run(2_000);
    assertEquals(framesTo(node, "child", "have").at(-1)!.standing.homes, homes, `${cap}`);
  }
});
