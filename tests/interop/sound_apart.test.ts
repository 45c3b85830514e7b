/** Sound that is a rendition of its own: with its pictures one endless stream, at the edge and at a relay. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { sameBytes } from "../../edge/protocol/bytes.ts";
import { type Ear, listenAt } from "../support/ear.ts";
import { startLocalRelay } from "../support/local_relay.ts";
import { output, PLAYERS } from "./players.ts";
import { APART, apartStage } from "./sound_apart_stage.ts";

const ENOUGH_BYTES = 400_000;

async function assertPlays(url: string): Promise<void> {
  await Promise.all(
    Object.entries(PLAYERS).map(async ([name, plays]) =>
      assertEquals((await plays(url)).trim(), "", `${name} ${url}`)
    ),
  );
}

const tokenOf = ({ headers }: Ear) => headers.get("Tributary-Resume")!;

/** Asserts that what was heard at one goes on at the other, and is what that has itself. */
async function assertGoesOn(begun: string, resumed: string): Promise<Uint8Array<ArrayBuffer>> {
  await using ear = await listenAt(begun);
  await ear.until(ENOUGH_BYTES);
  // Within pictures, within sound, and wherever else it may be.
  const heard = ear.heard().subarray(0, ENOUGH_BYTES);
  await using rest = await listenAt(`${resumed}?resume=${tokenOf(ear)}&from=${heard.length}`);
  await rest.until(ENOUGH_BYTES);
  const own = Number(tokenOf(ear).split(".")[2]);
  await using whole = await listenAt(`${resumed}?resume=${tokenOf(ear)}&from=${own}`);
  await whole.until(heard.length - own + ENOUGH_BYTES);
  const joined = concat([heard, rest.heard().subarray(0, ENOUGH_BYTES)]);
  const there = whole.heard().subarray(0, joined.length - own);
  assert(sameBytes(joined.subarray(own), there), "no byte missing, none twice");
  return joined;
}

/** Packets of pictures and of sound, and how far the two begin apart, s. */
async function probe(stream: Uint8Array<ArrayBuffer>) {
  const path = await Deno.makeTempFile({ suffix: ".mp4" });
  await Deno.writeFile(path, stream);
  const entries = "packet=codec_type,pts_time";
  const { stdout, text } = await output("ffprobe", [
    ...["-v", "warning", "-show_entries", entries, "-of", "csv=p=0", path],
  ]);
  await Deno.remove(path);
  const packets = new TextDecoder().decode(stdout).trim().split("\n").map((line) =>
    line.split(",")
  );
  const times = (kind: string) => packets.filter(([one]) => one === kind).map(([, s]) => Number(s));
  return { pictures: times("video"), sound: times("audio"), text };
}

Deno.test("HLS and DASH with sound apart play from /stream, at the edge and at a relay, byte for byte", async () => {
  await using stage = await apartStage(100);
  for (const name of APART) {
    await using relay = await startLocalRelay(stage.edge.url, name);
    await using partner = await startLocalRelay(stage.edge.url, name);
    for (const one of [relay, partner]) {
      await one.until(
        "partners, and sound and pictures",
        (told) => told.partners >= 1 && told.complete >= 4,
      );
    }
    const [here, there] = [relay, stage.edge].map(({ url }) => `${url}/stream/${name}`);
    const heard = await assertGoesOn(there!, here!);
    await assertGoesOn(here!, there!);
    const { pictures, sound, text } = await probe(heard);
    // The end is cut off somewhere.
    assertMatch(text, /^$|partial file|stream 0, offset/);
    assert(pictures.length >= 75 && sound.length >= 140, `${pictures.length} ${sound.length}`);
    assert(Math.abs(pictures[0]! - sound[0]!) < 0.1, `${pictures[0]} s and ${sound[0]} s`);
    for (const times of [pictures, sound]) {
      times.slice(1).forEach((time, at) => assert(time > times[at]! && time < times[at]! + 0.1));
    }
    const hls = `${stage.edge.url}/live/${name}/index.m3u8`;
    assertEquals(await PLAYERS.ffmpeg!(hls), "", hls);
    await assertPlays(there!);
    await assertPlays(here!);
  }
});
