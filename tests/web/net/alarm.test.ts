import { assertEquals } from "@std/assert";
import { createAlarm } from "../../../web/net/alarm.ts";

/** Has `work` run where `new Worker` makes `Fake`. */
async function withWorker(Fake: unknown, work: () => Promise<void>): Promise<void> {
  const { Worker } = globalThis;
  globalThis.Worker = Fake as typeof Worker;
  try {
    await work();
  } finally {
    globalThis.Worker = Worker;
  }
}

/** What a content policy makes of a worker: an event in some browsers, an error in others. */
class RefusedLater {
  onerror = () => {};
  constructor() {
    queueMicrotask(() => this.onerror());
  }
  postMessage() {}
  terminate() {}
}
class RefusedAtOnce {
  constructor() {
    throw new DOMException("refused", "SecurityError");
  }
}

for (const Fake of [RefusedLater, RefusedAtOnce]) {
  Deno.test(`an alarm rings in the page where its worker is refused (${Fake.name})`, () =>
    withWorker(Fake, async () => {
      const rung = Promise.withResolvers<void>();
      const alarm = createAlarm(rung.resolve);
      alarm.set(5);
      await rung.promise;
      const again = Promise.withResolvers<void>();
      const other = createAlarm(again.resolve);
      await Promise.resolve();
      other.set(5);
      await again.promise;
      alarm.stop();
      other.stop();
    }));
}

Deno.test("an alarm rings once for rings that are set close together, and earlier if asked to", () => {
  const posted: number[] = [];
  class Fake {
    postMessage(ms: number) {
      posted.push(ms);
    }
    terminate() {}
  }
  return withWorker(Fake, () => {
    const alarm = createAlarm(() => {});
    for (const ms of [500, 501, 900, Infinity, 100]) alarm.set(ms);
    assertEquals(posted, [500, 100]);
    alarm.stop();
    return Promise.resolve();
  });
});

Deno.test("an alarm that was stopped is not set again by what comes late", () =>
  withWorker(RefusedAtOnce, async () => {
    let rings = 0;
    const alarm = createAlarm(() => rings++);
    alarm.stop();
    alarm.set(1);
    const rung = Promise.withResolvers<void>();
    const other = createAlarm(rung.resolve);
    other.set(10);
    await rung.promise;
    other.stop();
    assertEquals(rings, 0);
  }));
