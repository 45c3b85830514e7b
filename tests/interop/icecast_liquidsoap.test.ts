/** liquidsoap, as Debian has it: by the old SOURCE method and by PUT, with titles as Icecast takes them. */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { decodeErrors } from "../edge/origin/ffmpeg.ts";
import { startChild } from "../support/child.ts";
import type { Ear } from "../support/ear.ts";
import { optionalProgram } from "../support/optional_program.ts";
import { waitUntil } from "../support/wait.ts";
import { KEY, listenTo, type RadioStage, radioStage } from "./radio_stage.ts";
import { makeSongs, SONGS } from "./songs.ts";

const liquidsoap = optionalProgram("liquidsoap");
const PATIENCE_MS = 20_000;
/** ffmpeg says so of files that are nothing but frames, and of Ogg whose songs each count from 0. */
const HARMLESS = /.*(?:Estimating duration from bitrate|non monotonically increasing dts).*\n/g;

function script(list: string, port: number): string {
  const to = `host="127.0.0.1", port=${port}, password="${KEY}", name="Songs", genre="test"`;
  return `settings.init.allow_root.set(true)
songs = mksafe(playlist(mode="normal", "${list}"))
output.icecast(%mp3(bitrate=96), ${to}, method="source", mount="mp3", songs)
output.icecast(%vorbis(quality=0.3), ${to}, method="put", mount="vorbis", songs)
`;
}

async function titled({ edge }: RadioStage, channel: string, title: string): Promise<void> {
  await waitUntil(`${title} on ${channel}`, async () => {
    const { station } = await edge.stats(channel);
    return station?.playing === `Änn - ${title}`;
  }, PATIENCE_MS);
}

const textOf = (ear: Ear) => new TextDecoder().decode(ear.heard());

Deno.test({
  name: "liquidsoap as a source: MP3 by SOURCE, Vorbis by PUT, and the title of each song",
  ignore: liquidsoap === undefined,
  async fn() {
    await using stage = await radioStage(["mp3", "vorbis"]);
    const folder = await Deno.makeTempDir();
    const files = await makeSongs(folder);
    const list = join(folder, "list.m3u");
    await Deno.writeTextFile(list, files.join("\n") + "\n");
    await Deno.writeTextFile(join(folder, "radio.liq"), script(list, stage.port));
    await using _source = startChild(liquidsoap!, [join(folder, "radio.liq")]);

    await Promise.all([stage.onAir("mp3"), stage.onAir("vorbis")]);
    await using mp3 = await listenTo(stage, "mp3");
    await using titles = await listenTo(stage, "mp3", { "Icy-MetaData": "1" });
    await using vorbis = await listenTo(stage, "vorbis");
    for (const [ear, type] of [[mp3, "audio/mpeg"], [vorbis, "audio/ogg"]] as const) {
      const { headers } = ear;
      assertEquals(
        ["Content-Type", "icy-name", "icy-genre"].map((name) => headers.get(name)),
        [type, "Songs", "test"],
      );
    }
    for (const title of SONGS) {
      await Promise.all(["mp3", "vorbis"].map((channel) => titled(stage, channel, title)));
    }
    await waitUntil("the second title", () => textOf(titles).includes("Änn - Two"), PATIENCE_MS);
    assertMatch(textOf(titles), /StreamTitle='Änn - One';[^]*StreamTitle='Änn - Two';/);
    assertMatch(textOf(vorbis), /title=One[^]*title=Two/);
    for (const [name, ear] of Object.entries({ mp3, vorbis })) {
      const file = join(folder, `heard.${name}`);
      await Deno.writeFile(file, ear.heard());
      assertEquals((await decodeErrors(file)).replaceAll(HARMLESS, ""), "", name);
    }
    await Deno.remove(folder, { recursive: true });
  },
});
