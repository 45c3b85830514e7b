/** ices2, as Debian has it: a source that speaks by libshout, and begins a new stream for every song. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { readOggTitle } from "../../edge/media/cutting/ogg_comments.ts";
import { sameBytes } from "../../edge/protocol/bytes.ts";
import { decodeErrors } from "../edge/origin/ffmpeg.ts";
import { startChild } from "../support/child.ts";
import { optionalProgram } from "../support/optional_program.ts";
import { KEY, listenTo, radioStage } from "./radio_stage.ts";
import { makeSongs } from "./songs.ts";

const ices2 = optionalProgram("ices2");

function configuration(folder: string, port: number): string {
  return `<?xml version="1.0"?>
<ices>
  <background>0</background>
  <logpath>${folder}</logpath>
  <logfile>ices.log</logfile>
  <stream>
    <metadata><name>Songs</name><genre>test</genre><description>Two songs</description></metadata>
    <input>
      <module>playlist</module>
      <param name="type">basic</param>
      <param name="file">${folder}/list.txt</param>
      <param name="once">1</param>
    </input>
    <instance>
      <hostname>127.0.0.1</hostname>
      <port>${port}</port>
      <password>${KEY}</password>
      <mount>/radio</mount>
    </instance>
  </stream>
</ices>
`;
}

Deno.test({
  name: "ices2 as a source: every song is heard whole, with its title",
  ignore: ices2 === undefined,
  async fn() {
    await using stage = await radioStage(["radio"]);
    const folder = await Deno.makeTempDir();
    const files = await makeSongs(folder);
    await Deno.writeTextFile(join(folder, "list.txt"), files.join("\n") + "\n");
    await Deno.writeTextFile(join(folder, "ices.xml"), configuration(folder, stage.port));
    await using _ices = startChild(ices2!, [join(folder, "ices.xml")]);
    await stage.onAir("radio");
    await using ear = await listenTo(stage, "radio");
    await stage.left("radio");
    const { station } = await stage.edge.stats("radio");
    assertEquals(station, {
      name: "Songs",
      description: "Two songs",
      genre: "test",
      public: false,
      audioInfo: "samplerate=0;channels=0;quality=3%2e00",
      playing: "Änn - Two",
    });
    const heard = ear.heard();
    const [one, two] = await Promise.all(files.map((file) => Deno.readFile(file)));
    // It gives each stream a number of its own, and so the pages other checksums: lengths are kept.
    assertEquals(heard.length, one!.length + two!.length);
    assertEquals(readOggTitle(heard), "Änn - One");
    assertEquals(readOggTitle(heard.subarray(one!.length)), "Änn - Two");
    const file = join(folder, "heard.ogg");
    await Deno.writeFile(file, heard);
    assertEquals(await decodeErrors(file), "");
    assert(!sameBytes(heard.subarray(0, 100), heard.subarray(one!.length, one!.length + 100)));
    await Deno.remove(folder, { recursive: true });
  },
});
