/** `deno task relay --listen`: what a relay receives, in any player, with the edge and without it. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { sameBytes } from "../../edge/protocol/bytes.ts";
import { published } from "../support/crowd.ts";
import { type Ear, listenAt } from "../support/ear.ts";
import { type EdgeProcess, startEdge } from "../support/edge_process.ts";
import { type LocalRelay, startLocalRelay } from "../support/local_relay.ts";
import { fetched } from "./ingest_stage.ts";
import { type Player, PLAYERS } from "./players.ts";
import { KEY, radioStage, startEncoder, TONE } from "./radio_stage.ts";

/** Of a list that names its init anew when it has moved on, of MP3 that begins in mid-stream. */
const HARMLESS = /duplicated MOOV|Estimating duration|invalid new backstep/;
const ENOUGH_BYTES = 100_000;

/** Asserts that every player that is here plays each of these addresses without a complaint. */
async function assertPlays(...urls: readonly string[]): Promise<void> {
  const playsWell = async (name: string, plays: Player, url: string) => {
    const complaints = (await plays(url)).split("\n").filter((line) =>
      line && !HARMLESS.test(line)
    );
    assertEquals(complaints, [], `${name} ${url}`);
  };
  const players = Object.entries(PLAYERS);
  await Promise.all(
    players.flatMap(([name, plays]) => urls.map((url) => playsWell(name, plays, url))),
  );
}

/** Asserts that the relay's list names what the edge serves, byte for byte; answers the paths in it. */
async function assertSameHls({ url }: { url: string }, edge: EdgeProcess): Promise<string[]> {
  const list = new TextDecoder().decode(await fetched(`${url}/live/demo/index.m3u8`));
  const paths = list.match(/\/live\/demo\/r0\/[^"\n]+/g)!;
  assert(paths.length >= 3, list);
  for (const path of paths) {
    assert(sameBytes(await fetched(url + path), await fetched(edge.url + path)), path);
  }
  return paths;
}

const tokenOf = ({ headers }: Ear) => headers.get("Tributary-Resume")!;
const initBytesOf = (ear: Ear) => Number(tokenOf(ear).split(".")[2]);

/** Goes on where these have been cut off. */
async function goOn(url: string, before: readonly Ear[]): Promise<Ear> {
  const from = concat(before.map((ear) => ear.heard())).length;
  const headers = { "Tributary-Resume": tokenOf(before[0]!), "Range": `bytes=${from}-` };
  const ear = await listenAt(url, headers);
  assertEquals(ear.status, 206);
  assertMatch(ear.headers.get("Content-Range")!, new RegExp(`^bytes ${from}-`));
  return ear;
}

/** Asserts that these heard, one after the other, what the edge sends to one that is not cut off. */
async function assertOneStream(edge: string, ears: readonly Ear[]): Promise<void> {
  const heard = concat(ears.map((ear) => ear.heard())).subarray(initBytesOf(ears[0]!));
  const query = `resume=${tokenOf(ears[0]!)}&from=${initBytesOf(ears[0]!)}`;
  await using whole = await listenAt(`${edge}?${query}`);
  await whole.until(heard.length);
  assert(sameBytes(whole.heard().subarray(0, heard.length), heard), "no byte missing, none twice");
}

async function haveMet(...relays: readonly LocalRelay[]): Promise<void> {
  for (const relay of relays) {
    await relay.until("partners and media", (one) => one.partners >= 1 && one.complete >= 2);
  }
}

Deno.test("a relay feeds players; a listener goes on at another, at the edge, and without an edge", async () => {
  await using edge = await startEdge();
  const [first, second] = await Promise.all([
    startLocalRelay(edge.url, "demo"),
    startLocalRelay(edge.url, "demo"),
  ]);
  await using _first = first;
  await using _second = second;
  await haveMet(first, second);
  await assertSameHls(first, edge);
  await assertPlays(`${first.url}/live/demo/index.m3u8`, `${first.url}/stream/demo`);

  const ears: Ear[] = [await listenAt(`${first.url}/stream/demo`)];
  await ears[0]!.until(ENOUGH_BYTES);
  const third = startLocalRelay(edge.url, "demo");
  await first.vanish();
  await ears[0]!.ended;
  for (const { url } of [second, edge]) {
    await using next = await goOn(`${url}/stream/demo`, ears);
    await next.until(ENOUGH_BYTES);
    ears.push(next);
  }
  await assertOneStream(`${edge.url}/stream/demo`, ears);

  await using last = await third;
  await last.until("a partner", ({ partners }) => partners >= 1);
  await using whole = await listenAt(`${edge.url}/stream/demo?burst=8`);
  await published(edge, "demo", ((await edge.stats("demo")).window.newest ?? 0) + 1);
  // What is published is injected when a partner has it; what comes next may not be.
  const paths = await assertSameHls(second, edge);
  await edge.kill();
  const all = whole.heard();
  const from = initBytesOf(whole);
  await using rest = await listenAt(
    `${last.url}/stream/demo?resume=${tokenOf(whole)}&from=${from}`,
  );
  await rest.until(all.length - from);
  assert(sameBytes(rest.heard(), all.subarray(from)), "all that was injected is played");
  for (const path of paths) await fetched(last.url + path);
  await assertPlays(`${last.url}/stream/demo`);
});

Deno.test("radio by a relay: its titles, and the very bytes of the edge, both ways", async () => {
  await using stage = await radioStage(["radio"]);
  const at = `127.0.0.1:${stage.port}`;
  await using _source = startEncoder(TONE, 60, [
    ...["-c:a", "libmp3lame", "-f", "mp3", "-content_type", "audio/mpeg"],
    `icecast://source:${KEY}@${at}/radio`,
  ]);
  await stage.onAir("radio");
  await using relay = await startLocalRelay(stage.edge.url, "radio");
  const song = "song=A+Song&mount=/radio&mode=updinfo";
  await (await fetch(`http://${at}/admin/metadata?${song}`, {
    headers: { Authorization: `Basic ${btoa(`source:${KEY}`)}` },
  })).body?.cancel();
  const [here, there] = [relay, stage.edge].map(({ url }) => `${url}/stream/radio`);

  await using titled = await listenAt(here!, { "Icy-MetaData": "1" });
  assertEquals(titled.headers.get("icy-metaint"), "16000");
  await titled.until(2 * 16_000);
  assertMatch(new TextDecoder("latin1").decode(titled.heard()), /StreamTitle='A Song';/);
  await assertPlays(here!);

  // The edge tells of a segment's first frames before the segment is whole, and known to relays.
  for (const [begun, resumed] of [[here, there], [there, here]]) {
    await using ear = await listenAt(begun!);
    await ear.until(16_000);
    const heard = ear.heard().length;
    await using next = await listenAt(`${resumed}?resume=${tokenOf(ear)}&from=${heard}`);
    await next.until(16_000);
    const { headers } = ear;
    const ears = [{ ...ear, headers, heard: () => ear.heard().subarray(0, heard) }, next];
    await assertOneStream(there!, ears);
  }
});
