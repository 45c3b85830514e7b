import { assertEquals, assertStringIncludes } from "@std/assert";
import { Refusal } from "../../../web/studio/ingest.ts";
import { createSender } from "../../../web/studio/sender.ts";
import { waitUntil } from "../../support/wait.ts";
import { segment } from "./segments.ts";

const PATIENCE_MS = 5_000;

type Mood = "takes" | "away" | Refusal;

const refusal = (status: number, code: string) =>
  new Refusal(status, { code, message: code, hint: "" });

/** A sender, and an edge that behaves as it is told. */
function sending({ mood = "takes" as Mood } = {}) {
  const edge = {
    mood,
    files: new Map<string, string>(),
    /** What was asked for, in order; with `!` where somebody is to be sent away. */
    puts: [] as string[],
    playlist: () => edge.files.get("live.m3u8") ?? "",
  };
  const states: string[] = [];
  const deliveries: number[] = [];
  const sender = createSender({
    ingest: {
      put(name, body, { takeOver = false } = {}) {
        edge.puts.push(takeOver ? `${name}!` : name);
        if (edge.mood === "away") return Promise.reject(new TypeError("Failed to fetch"));
        if (edge.mood !== "takes") return Promise.reject(edge.mood);
        const isNew = !edge.files.has(name);
        edge.files.set(name, typeof body === "string" ? body : String(body));
        return Promise.resolve({ isNew });
      },
    },
    changed: () => states.push(sender.status().state),
    delivered: ({ bytes }) => deliveries.push(bytes),
  });
  const until = (what: string, look: () => boolean) => waitUntil(what, look, PATIENCE_MS);
  return {
    edge,
    sender,
    states,
    deliveries,
    until,
    /** Resolves when the playlist lists `name` last. */
    listed: (name: string) => until(name, () => edge.playlist().trim().endsWith(name)),
  };
}

Deno.test("an empty playlist asks to be let in, then each segment goes up before it is listed", async () => {
  const { edge, sender, states, deliveries, listed, until } = sending();
  await until("asked", () => edge.puts.length === 1);
  assertEquals(sender.status().state, "starting");
  for (const at of [0, 1]) {
    sender.push(segment(at));
    await listed(`${at}.m4s`);
  }
  const each = (at: number) => ["init-0.mp4", `${at}.m4s`, "live.m3u8"];
  assertEquals(edge.puts, ["live.m3u8", ...each(0), ...each(1)]);
  assertEquals(states, ["on-air"]);
  assertEquals(deliveries, [1, 1]);
  await sender.end();
  assertStringIncludes(edge.playlist(), "#EXT-X-ENDLIST");
  assertEquals(sender.status().state, "ended");
});

Deno.test("while the edge is away segments wait, and go up in their order when it is back", async () => {
  const { edge, sender, listed, until } = sending();
  sender.push(segment(0));
  await listed("0.m4s");
  edge.mood = "away";
  for (const at of [1, 2, 3]) sender.push(segment(at));
  await until("cut off", () => sender.status().state === "cut-off");
  edge.mood = "takes";
  await listed("3.m4s");
  assertEquals(sender.status().state, "on-air");
  assertEquals(["1", "2", "3"].map((at) => edge.files.get(`${at}.m4s`)), ["1", "2", "3"]);
  assertEquals(edge.playlist().includes("DISCONTINUITY"), false);
  await sender.end();
});

Deno.test("after a long break the newest are sent, and the timeline breaks before them", async () => {
  const { edge, sender, listed, until } = sending();
  sender.push(segment(0));
  await listed("0.m4s");
  edge.mood = "away";
  for (let at = 1; at <= 30; at++) sender.push(segment(at));
  await until("cut off", () => sender.status().state === "cut-off");
  edge.mood = "takes";
  await listed("8.m4s");
  assertEquals(edge.files.get("1.m4s"), "23");
  assertEquals(sender.status().lostMs, 44_000);
  await sender.end();
});

Deno.test("an edge that begins anew is sent once more what it listed last", async () => {
  const { edge, sender, listed } = sending();
  for (const at of [0, 1, 2, 3]) {
    sender.push(segment(at));
    await listed(`${at}.m4s`);
  }
  edge.files.clear();
  edge.puts.length = 0;
  sender.push(segment(4));
  await listed("4.m4s");
  assertEquals(edge.puts, ["init-0.mp4", "1.m4s", "2.m4s", "3.m4s", "4.m4s", "live.m3u8"]);
  await sender.end();
});

Deno.test("who is refused sends nothing more and says why", async () => {
  const { edge, sender, states, until } = sending({ mood: refusal(401, "wrong-key") });
  await until("refused", () => states.includes("refused"));
  sender.push(segment(0));
  await sender.end();
  assertEquals(edge.puts, ["live.m3u8"]);
  assertEquals(sender.status().refusal?.code, "wrong-key");
});

Deno.test("who takes over says so once, and counts from a new beginning", async () => {
  const { edge, sender, states, listed, until } = sending();
  for (const at of [0, 1]) {
    sender.push(segment(at));
    await listed(`${at}.m4s`);
  }
  edge.mood = refusal(409, "channel-on-air");
  sender.push(segment(2));
  await until("refused", () => states.includes("refused"));
  edge.mood = "takes";
  edge.puts.length = 0;
  sender.takeOver();
  await until("asked", () => edge.puts.length > 0);
  sender.push(segment(3));
  await until("listed", () => edge.files.get("0.m4s") === "3");
  await sender.end();
  assertEquals(edge.puts.slice(0, 3), ["live.m3u8!", "init-0.mp4", "0.m4s"]);
});

Deno.test("at the end what waits is sent first; without a connection nobody waits for it", async () => {
  const { edge, sender } = sending();
  sender.push(segment(0));
  await sender.end();
  assertEquals(edge.files.get("0.m4s"), "0");
  const cutOff = sending({ mood: "away" });
  cutOff.sender.push(segment(0));
  await cutOff.sender.end();
  assertEquals(cutOff.sender.status().state, "ended");
});
