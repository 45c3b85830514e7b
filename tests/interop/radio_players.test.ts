/** What programs make of a radio stream that they join in the middle. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { sameBytes } from "../../edge/protocol/bytes.ts";
import { optionalProgram } from "../support/optional_program.ts";
import { output, PLAYERS } from "./players.ts";
import { KEY, listenTo, radioStage, startEncoder, TONE } from "./radio_stage.ts";

const ENCODER_SECONDS = 30;

/** Of a timeline that begins in mid-stream, and of frames whose file has no header. */
const HARMLESS = /Estimating duration from bitrate|invalid new backstep/;

Deno.test("a radio stream: titles for who asks, and players play it from the middle", async () => {
  await using stage = await radioStage(["radio"]);
  const format = ["-c:a", "libmp3lame", "-f", "mp3", "-content_type", "audio/mpeg"];
  const at = `127.0.0.1:${stage.port}`;
  await using _sound = startEncoder(TONE, ENCODER_SECONDS, [
    ...format,
    ...["-ice_genre", "test", `icecast://source:${KEY}@${at}/radio`],
  ]);
  await stage.onAir("radio");
  const song = "song=Bj%F6rk+-+J%F3ga&mount=/radio&mode=updinfo";
  const told = await fetch(`http://${at}/admin/metadata?${song}`, {
    headers: { Authorization: `Basic ${btoa(`source:${KEY}`)}` },
  });
  assertMatch(await told.text(), /<return>1<\/return>/);
  const url = `${stage.edge.url}/stream/radio`;

  await using ear = await listenTo(stage, "radio", { "Icy-MetaData": "1" });
  assertEquals(ear.headers.get("icy-metaint"), "16000");
  const titles = () => new TextDecoder().decode(ear.heard()).match(/StreamTitle='[^']*'/g) ?? [];
  // ffmpeg asks for titles.
  const { text } = await output("ffmpeg", [
    "-v",
    "verbose",
    "-i",
    url,
    "-t",
    "6",
    "-f",
    "null",
    "-",
  ]);
  assertMatch(text, /icy-genre *: test/);
  assertMatch(text, /Metadata update for StreamTitle: Björk - Jóga/);
  assertEquals(titles().at(-1), "StreamTitle='Björk - Jóga'");

  for (const [name, plays] of Object.entries(PLAYERS)) {
    const complaints = (await plays(url)).split("\n").filter((line) =>
      line && !HARMLESS.test(line)
    );
    assertEquals(complaints, [], name);
  }

  const curl = optionalProgram("curl");
  if (!curl) return;
  const first = await output(curl, ["-s", "-i", "--max-time", "1", url]);
  const [, token] = /^tributary-resume: (\S+)/im.exec(
    new TextDecoder("latin1").decode(first.stdout),
  )!;
  const heard = await output(curl, ["-s", "--max-time", "1", `${url}?resume=${token}&from=0`]);
  const resumed = await output(curl, [
    ...["-s", "--max-time", "1", "-r", "10000-", "-H", `Tributary-Resume: ${token}`, url],
  ]);
  const rest = heard.stdout.subarray(10_000, 40_000);
  assert(rest.length > 0 && sameBytes(resumed.stdout.subarray(0, rest.length), rest));
});
