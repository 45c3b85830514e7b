import { assertEquals } from "@std/assert";
import type { PeerFrame } from "../../../edge/protocol/peer_frames.ts";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";
import { openTabLinks, type TabLinks } from "../../../web/net/tab_links.ts";
import { entryOf } from "../ledger_entries.ts";
import { type LinkLog, linkLog } from "./link_log.ts";

interface Tab extends LinkLog, Disposable {
  readonly links: LinkLog["links"];
  readonly tabs: TabLinks;
}

let lastLobby = 0;
/** A name that no other test uses. */
const newLobby = () => `tabs-${++lastLobby}`;

/** A tab that greets each partner with a hello at once, as the engine does. */
function tab(lobby: string, self: string, mayJoin: (peer: string) => boolean = () => true): Tab {
  const log = linkLog((link) =>
    link.send({ type: "hello", version: PROTOCOL_VERSION, peer: self })
  );
  const free = (peer: string) => !log.links.has(peer) && mayJoin(peer);
  const tabs = openTabLinks(lobby, self, log, free, 0);
  return { ...log, tabs, [Symbol.dispose]: () => tabs.closeAll() };
}

/** Waits until what has been said on BroadcastChannels so far, and the answers to it, have been heard. */
async function settled(): Promise<void> {
  using here = new Closing(new BroadcastChannel("settled"));
  using there = new Closing(new BroadcastChannel("settled"));
  for (let turn = 0; turn < 10; turn++) {
    const heard = Promise.withResolvers<void>();
    there.channel.onmessage = () => heard.resolve();
    here.channel.postMessage(turn);
    await heard.promise;
  }
}

class Closing implements Disposable {
  constructor(readonly channel: BroadcastChannel) {}
  [Symbol.dispose]() {
    this.channel.close();
  }
}

const linksOf = (one: Tab) => [...one.links.keys()].sort();
const opens = (one: Tab) => one.told.filter((line) => line.startsWith("open"));

Deno.test("two tabs link exactly once, and each hears the other's hello after its link is open", async () => {
  for (const order of ["ab", "ba"]) {
    const lobby = newLobby();
    using a = tab(lobby, "a");
    using b = tab(lobby, "b");
    for (const one of order) ({ a, b })[one as "a" | "b"].tabs.tick(1_000);
    await Promise.all([a.until("hello b"), b.until("hello a")]);
    await settled();
    assertEquals(a.told, ["open b", "hello b"]);
    assertEquals(b.told, ["open a", "hello a"]);
  }
});

Deno.test("a tab that comes later is found as soon as it says that it is there", async () => {
  const lobby = newLobby();
  using a = tab(lobby, "a");
  a.tabs.tick(1_000);
  await settled();
  using b = tab(lobby, "b");
  b.tabs.tick(0);
  await Promise.all([a.until("hello b"), b.until("hello a")]);
});

Deno.test("three tabs link in pairs, each pair once", async () => {
  const lobby = newLobby();
  using a = tab(lobby, "a");
  using b = tab(lobby, "b");
  using c = tab(lobby, "c");
  for (const one of [a, b, c]) one.tabs.tick(0);
  await settled();
  for (const one of [a, b, c]) one.tabs.tick(6_000);
  await settled();
  assertEquals([a, b, c].map(linksOf), [["b", "c"], ["a", "c"], ["a", "b"]]);
  assertEquals([a, b, c].map((one) => opens(one).length), [2, 2, 2]);
});

Deno.test("a tab alone has no link, not to itself either", async () => {
  using a = tab(newLobby(), "a");
  a.tabs.tick(0);
  a.tabs.tick(6_000);
  await settled();
  assertEquals(a.told, []);
});

Deno.test("tabs of other channels do not meet", async () => {
  using a = tab(newLobby(), "a");
  using b = tab(newLobby(), "b");
  a.tabs.tick(0);
  b.tabs.tick(0);
  await settled();
  assertEquals([a.told, b.told], [[], []]);
});

Deno.test("frames go over the link, and what left is told", async () => {
  const lobby = newLobby();
  using a = tab(lobby, "a");
  using b = tab(lobby, "b");
  a.tabs.tick(0);
  await a.until("hello b");
  const { unit } = entryOf(1);
  const piece: PeerFrame = {
    type: "piece",
    unit,
    index: 3,
    payload: new Uint8Array(1_000).fill(7),
  };
  a.links.get("b")!.send(piece);
  a.links.get("b")!.send({ type: "want", unit, pieces: [1] });
  await b.until("want a");
  const received = b.frames.at(-2)!;
  assertEquals(received.type === "piece" && unitKey(received.unit), unitKey(unit));
  assertEquals(received, piece);
  assertEquals(a.sentBytes.total, 1_000);
});

Deno.test("a tab that goes is let go at once", async () => {
  const lobby = newLobby();
  using a = tab(lobby, "a");
  const b = tab(lobby, "b");
  a.tabs.tick(0);
  await a.until("hello b");
  b.tabs.closeAll();
  await a.until("close b");
  await settled();
  assertEquals(linksOf(a), []);
});

Deno.test("a link that one tab closes is closed for the other, and may open again", async () => {
  const lobby = newLobby();
  using a = tab(lobby, "a");
  using b = tab(lobby, "b");
  a.tabs.tick(0);
  await Promise.all([a.until("hello b"), b.until("hello a")]);
  a.links.get("b")!.close();
  await b.until("close a");
  b.tabs.tick(6_000);
  await settled();
  assertEquals(a.told, ["open b", "hello b", "close b", "open b", "hello b"]);
  assertEquals(b.told, ["open a", "hello a", "close a", "open a", "hello a"]);
});

Deno.test("a link that one tab does not want after all is open for neither", async () => {
  const lobby = newLobby();
  const unwanted = linkLog((link) => link.close());
  const tabs = openTabLinks(lobby, "a", unwanted, () => true, 0);
  using b = tab(lobby, "b");
  tabs.tick(0);
  await b.until("close a");
  assertEquals(linksOf(b), []);
  tabs.closeAll();
});

Deno.test("a tab that falls silent for twenty seconds is let go", async () => {
  const lobby = newLobby();
  using a = tab(lobby, "a");
  using b = tab(lobby, "b");
  a.tabs.tick(0);
  await a.until("hello b");
  a.tabs.tick(20_000);
  await settled();
  assertEquals(linksOf(a), ["b"]);
  b.tabs.tick(20_000);
  await settled();
  a.tabs.tick(40_000);
  assertEquals(linksOf(a), ["b"], "b was heard of at 20 s");
  a.tabs.tick(40_001);
  assertEquals(linksOf(a), []);
});

Deno.test("a tab that opens late by its page's clock keeps those whom it meets at once", async () => {
  const lobby = newLobby();
  const log = linkLog();
  const tabs = openTabLinks(lobby, "a", log, () => true, 600_000);
  using b = tab(lobby, "b");
  b.tabs.tick(0);
  await log.until("open b");
  tabs.tick(600_100);
  assertEquals(log.told.includes("close b"), false);
  tabs.closeAll();
});

Deno.test("a peer that may not join gets no link, until it may", async () => {
  const lobby = newLobby();
  let open = false;
  using a = tab(lobby, "a", () => open);
  using b = tab(lobby, "b");
  a.tabs.tick(0);
  b.tabs.tick(0);
  await settled();
  assertEquals([a.told, b.told], [[], []]);
  open = true;
  b.tabs.tick(6_000);
  await Promise.all([a.until("hello b"), b.until("hello a")]);
});

Deno.test("a link that never opened is not told of as closed", async () => {
  const lobby = newLobby();
  using a = tab(lobby, "a", () => false);
  using b = tab(lobby, "b");
  a.tabs.tick(0);
  await settled();
  b.tabs.tick(60_000);
  assertEquals(b.told, []);
});

Deno.test("what is no frame is junk", async () => {
  const lobby = newLobby();
  using a = tab(lobby, "a");
  using b = tab(lobby, "b");
  a.tabs.tick(0);
  await Promise.all([a.until("hello b"), b.until("hello a")]);
  using wire = new Closing(new BroadcastChannel(`${lobby}:a:b`));
  for (const junk of ["text", 5, null, new Uint8Array([99]), new Uint8Array(0), {}]) {
    wire.channel.postMessage(junk);
  }
  await settled();
  assertEquals(a.told.filter((line) => line === "junk b").length, 6);
});
