/** The edge as a process: how it starts, how it fails to, how it ends. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { connect } from "./swarm_client.ts";

const ROOT: string = fromFileUrl(new URL("../../../", import.meta.url));
const decoder = new TextDecoder();

function edge(args: readonly string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "edge/main.ts", ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  });
}

/** Runs to its end. */
async function run(args: readonly string[]) {
  const { code, stdout, stderr } = await edge(args).output();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr).trimEnd() };
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a bad option is one line with a code and what to do, and exit code 2", async () => {
  const { code, stderr } = await run(["--bogus"]);
  assertEquals(code, 2);
  assertMatch(stderr, /^unknown-argument: --bogus .*--help.*$/);
  assert(!stderr.includes("\n"));
});

Deno.test("--help names every option and ends well", async () => {
  const { code, stdout } = await run(["--help"]);
  assertEquals(code, 0);
  for (const flag of ["port", "host", "data", "pull", "no-demo", "stun-port", "no-stun"]) {
    assertStringIncludes(stdout, `--${flag}`);
  }
});

Deno.test("a port in use is one line that names --port, and exit code 1", async () => {
  await withFolder(async (folder) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const args = ["--port", `${taken.addr.port}`, "--data", folder, "--no-stun", "--no-demo"];
    const { code, stderr } = await run(args);
    assertEquals(code, 1);
    assertMatch(stderr, /^port-in-use: .*--port.*$/);
  });
});

Deno.test("a data folder that cannot be used is one line that names --data, exit code 1, and stays as it is", async () => {
  await withFolder(async (folder) => {
    const junk = join(folder, "tributary.sqlite");
    await Deno.writeTextFile(junk, "not a database, and somebody's");
    for (const data of [folder, junk, "/proc/tributary"]) {
      const { code, stderr } = await run(["--port", "0", "--data", data, "--no-stun"]);
      assertEquals(code, 1);
      assertMatch(stderr, /^data-unusable: .*--data.*$/);
    }
    assertEquals(await Deno.readTextFile(junk), "not a database, and somebody's");
  });
});

Deno.test("a STUN port that was asked for and is taken is an error", async () => {
  await withFolder(async (folder) => {
    const taken = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    const port = `${(taken.addr as Deno.NetAddr).port}`;
    const { code, stderr } = await run(["--port", "0", "--data", folder, "--stun-port", port]);
    taken.close();
    assertEquals(code, 1);
    assertMatch(stderr, /^stun-unavailable: .*--stun-port.*$/);
  });
});

Deno.test("it prints where it is, serves the demo, and on SIGTERM sends peers to come back", async () => {
  await withFolder(async (folder) => {
    await using child = edge(["--port", "0", "--data", folder, "--no-stun"]).spawn();
    const errors = child.stderr.text();
    const { host, rest } = await listening(child);
    const response = await fetch(`http://${host}/live/demo/index.m3u8`);
    assertStringIncludes(await response.text(), "#EXTM3U");

    const client = await connect(`ws://${host}/swarm/demo`);
    const endedAt = performance.now();
    child.kill("SIGTERM");
    assertEquals(await client.closed, 1012);
    const { code } = await child.status;
    assertEquals(code, 0);
    assert(performance.now() - endedAt < 1_000);
    await rest;
    assertEquals(await errors, "");
  });
});

/** Reads what it prints until it names the address of the demo's watch page; `rest` reads on to the end. */
async function listening(
  child: Deno.ChildProcess,
): Promise<{ host: string; rest: Promise<unknown> }> {
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`it ended:\n${printed}`);
    printed += value;
    const port = /http:\/\/localhost:(\d+)\/watch\/demo\n/.exec(printed)?.[1];
    if (port) return { host: `127.0.0.1:${port}`, rest: reader.read() };
  }
}
