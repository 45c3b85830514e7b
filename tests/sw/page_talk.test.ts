import { assertEquals } from "@std/assert";
import type { PageAnswer, WorkerMessage, WorkerReply } from "../../sw/bridge.ts";
import { type PageTalk, talkTo } from "../../sw/page_talk.ts";
import { type FakeClock, fakeClock } from "./fake_clock.ts";

const question = { url: "https://edge.example/live/demo/r0/1.m4s", range: null } as const;
const blob = { type: "blob", url: "blob:1", contentType: "video/mp4", cache: true } as const;
const head = { type: "head", contentType: "video/mp4", length: 4, cache: false } as const;

/** Asks a page whose answers the test says, on real ports. */
async function talk(
  act: (page: {
    clock: FakeClock;
    asked: Extract<WorkerMessage, { type: "tributary:request" }>;
    /** Answers, and comes back when the worker has heard it. */
    say(word: PageAnswer): Promise<void>;
    talk: Promise<PageTalk>;
  }) => Promise<void>,
) {
  const clock = fakeClock();
  const asking = Promise.withResolvers<Extract<WorkerMessage, { type: "tributary:request" }>>();
  const page = {
    postMessage(message: WorkerMessage) {
      if (message.type === "tributary:request") asking.resolve(message);
    },
  };
  const talk = talkTo(page, { ...question, wants: "blob" }, 400, clock);
  const asked = await asking.promise;
  const reply = Promise.withResolvers<WorkerReply>();
  asked.port.onmessage = ({ data }) => reply.resolve(data);
  await act({
    clock,
    asked,
    async say(word) {
      asked.port.postMessage(word);
      await delivered();
    },
    talk,
  });
  (await talk).done(true);
  assertEquals(await reply.promise, { type: "done", used: true });
  asked.port.close();
}

/** Messages between ports arrive in order: what was sent before is heard once this one is. */
async function delivered(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  for (let turn = 0; turn < 3; turn++) {
    const heard = Promise.withResolvers<void>();
    port2.onmessage = () => heard.resolve();
    port1.postMessage(turn);
    await heard.promise;
  }
  port1.close();
  port2.close();
}

Deno.test("a page is asked with what the request is, and told when its answer was used", () =>
  talk(async ({ asked, say, talk }) => {
    assertEquals(asked.url, question.url);
    assertEquals(asked.wants, "blob");
    await say(blob);
    assertEquals((await talk).answer, blob);
  }));

Deno.test("a page without a word in time is silent", () =>
  talk(async ({ clock, talk }) => {
    clock.pass(400);
    assertEquals((await talk).answer, { type: "silent" });
  }));

Deno.test("a page that works is waited for as long as it said and a little more", () =>
  talk(async ({ clock, say, talk }) => {
    await say({ type: "working", ms: 2_000 });
    clock.pass(2_050);
    await say(blob);
    assertEquals((await talk).answer, blob);
  }));

Deno.test("a page that works and never ends is late", () =>
  talk(async ({ clock, say, talk }) => {
    await say({ type: "working", ms: 2_000 });
    clock.pass(1_000);
    await say({ type: "working", ms: 2_000 });
    clock.pass(1_100);
    assertEquals((await talk).answer, { type: "late" });
  }));

Deno.test("no page has a request held for longer than ten seconds", () =>
  talk(async ({ clock, say, talk }) => {
    await say({ type: "working", ms: Infinity });
    clock.pass(30_100);
    assertEquals((await talk).answer, { type: "late" });
  }));

Deno.test("a page may send the request to the network", () =>
  talk(async ({ say, talk }) => {
    const word = { type: "network", reason: "not in the ledger" } as const;
    await say(word);
    assertEquals((await talk).answer, word);
  }));

Deno.test("an end without a body is late, not a body", () =>
  talk(async ({ say, talk }) => {
    await say({ type: "end" });
    assertEquals((await talk).answer, { type: "late" });
  }));

Deno.test("a stream hands its chunks on in order, until it ends", () =>
  talk(async ({ say, talk }) => {
    await say(head);
    const { answer } = await talk;
    if (answer.type !== "stream") throw new Error(answer.type);
    await say({ type: "chunk", bytes: Uint8Array.of(1, 2) });
    await say({ type: "chunk", bytes: Uint8Array.of(3, 4) });
    await say({ type: "end" });
    assertEquals(await answer.next(), Uint8Array.of(1, 2));
    assertEquals(await answer.next(), Uint8Array.of(3, 4));
    assertEquals(await answer.next(), undefined);
  }));

Deno.test("a stream that stops for 1.5 s is at its end", () =>
  talk(async ({ clock, say, talk }) => {
    await say(head);
    const { answer } = await talk;
    if (answer.type !== "stream") throw new Error(answer.type);
    const first = answer.next();
    clock.pass(1_400);
    await say({ type: "chunk", bytes: Uint8Array.of(1) });
    assertEquals(await first, Uint8Array.of(1));
    const second = answer.next();
    clock.pass(1_500);
    assertEquals(await second, undefined);
  }));

Deno.test("no timer is left once a page has answered", () =>
  talk(async ({ clock, say }) => {
    await say({ type: "working", ms: 500 });
    await say(blob);
    assertEquals(clock.waiting, 0);
  }));
