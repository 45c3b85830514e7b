import { assertEquals, assertStringIncludes } from "@std/assert";
import type { BroadcastStatus } from "../../../web/studio/broadcast.ts";
import { levelOf } from "../../../web/studio/level_meter.ts";
import { QUALITIES } from "../../../web/studio/quality.ts";
import type { SourceKind } from "../../../web/studio/sources.ts";
import {
  browserTrouble,
  clockText,
  sendingNote,
  sourceTrouble,
} from "../../../web/studio/words.ts";

const FINE: BroadcastStatus = {
  state: "on-air",
  refusal: undefined,
  waitingMs: 0,
  lostMs: 0,
  bytes: 0,
  bytesPerSecond: 0,
  quality: QUALITIES.low,
  reduced: false,
};

Deno.test("the clock has hours when there are some", () => {
  assertEquals([-1, 0, 59_999, 61_000, 3_725_000].map(clockText), [
    "0:00",
    "0:00",
    "0:59",
    "1:01",
    "1:02:05",
  ]);
});

Deno.test("while all is well nothing is said", () => {
  assertEquals(sendingNote(FINE), "");
});

Deno.test("what waits, what is reduced and what is lost is said", () => {
  assertEquals(
    sendingNote({ ...FINE, state: "cut-off", waitingMs: 6_000 }),
    "The edge does not answer. What you send waits here (6.0 s), and goes on by itself.",
  );
  assertStringIncludes(sendingNote({ ...FINE, reduced: true }), "sent with 896 kbit/s until");
  assertEquals(sendingNote({ ...FINE, lostMs: 4_000 }), "4.0 s had to be left out.");
});

Deno.test("what the browser refuses is said with what to do; to think better of it is no trouble", () => {
  const trouble = (name: string, kind: SourceKind, pictured = true) =>
    sourceTrouble(name, kind, pictured);
  assertStringIncludes(trouble("NotAllowedError", "camera")!.advice, "Allow it");
  assertStringIncludes(trouble("NotFoundError", "camera")!.title, "no camera");
  assertEquals(trouble("NotFoundError", "camera", false)!.title, "There is no microphone");
  assertEquals(trouble("NotAllowedError", "screen"), undefined);
  assertStringIncludes(trouble("NotReadableError", "screen")!.advice, "another screen");
  assertStringIncludes(trouble("NotReadableError", "camera")!.title, "Something else uses");
  assertStringIncludes(trouble("Error", "file")!.title, "does not play the file");
  assertStringIncludes(trouble("AbortError", "camera")!.advice, "AbortError");
});

Deno.test("a page that is not secure, and a browser that cannot encode, are told apart", () => {
  assertStringIncludes(browserTrouble({ secure: false, encodes: false })!.title, "HTTPS");
  assertStringIncludes(browserTrouble({ secure: true, encodes: false })!.advice, "WebCodecs");
  assertEquals(browserTrouble({ secure: true, encodes: true }), undefined);
});

Deno.test("the level is on a scale of decibels", () => {
  assertEquals([[0], [0.001, -0.0005], [-1], [2]].map(levelOf), [0, 0, 1, 1]);
  assertEquals(levelOf([0.1]).toFixed(2), "0.67");
});
