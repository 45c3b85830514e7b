/** `deno task relay --open`: the player that it starts plays what the relay receives. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { root } from "../support/build.ts";
import { startChild } from "../support/child.ts";
import { startEdge } from "../support/edge_process.ts";
import { optionalProgram } from "../support/optional_program.ts";
import { fetched } from "./ingest_stage.ts";

const PATIENCE_S = 30;
const PICTURES = 75;
const HEADLESS = `--no-config --vo=null --ao=null --frames=${PICTURES} --msg-level=cplayer=v`;
const PLAYED =
  /Opening done: (\S+)[^]* first video frame after restart shown[^]*\(End of file\)[^]*^ended with 0$/m;

const mpv = optionalProgram("mpv");

/** A folder with the program `mpv` in it: the real one, where there is neither screen nor loudspeaker. */
async function headlessMpv(): Promise<{ readonly folder: string; readonly log: string }> {
  const folder = await Deno.makeTempDir();
  const log = join(folder, "log");
  await Deno.writeTextFile(log, "");
  const script = `#!/bin/sh
PATH=/usr/bin:/bin
timeout ${PATIENCE_S} ${mpv} ${HEADLESS} "$@" >>${log} 2>&1
echo "ended with $?" >>${log}
`;
  await Deno.writeTextFile(join(folder, "mpv"), script, { mode: 0o755 });
  return { folder, log };
}

Deno.test({
  name: "--open starts mpv, which plays; when it is closed the relay stays",
  ignore: mpv === undefined,
  async fn() {
    await using edge = await startEdge();
    const { folder, log } = await headlessMpv();
    await using relay = startChild("env", [
      ...[`PATH=${folder}`, Deno.execPath(), "run", "-A", "web/headless/main.ts"],
      ...[`${edge.url}/watch/demo`, "--listen", "127.0.0.1:0", "--open"],
    ], root);
    const [, url] = await relay.printed(/^Players find it at (\S+)\/$/m, PATIENCE_S * 1000);
    await using told = startChild("tail", ["-f", "-n", "+1", log]);
    const [, opened] = await told.printed(PLAYED, PATIENCE_S * 1000);
    assertEquals(opened, `${url}/stream/demo`);
    assertStringIncludes(new TextDecoder().decode(await fetched(`${url}/`)), opened);
    await Deno.remove(folder, { recursive: true });
  },
});
