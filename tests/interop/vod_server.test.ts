/** Films that lie on a static web server, in programs not ours, by way of the edge. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { createServer } from "node:http";
import handle from "serve-handler";
import { decodeErrors, ffmpeg, ffprobe } from "../edge/origin/ffmpeg.ts";
import { makeClip } from "../edge/origin/programme/clips.ts";
import { startEdge } from "../support/edge_process.ts";
import { makeFilm } from "../support/film.ts";
import { freePort } from "../support/free_port.ts";
import { optionalProgram } from "../support/optional_program.ts";
import { output } from "./players.ts";

const SECONDS = 20;
/** What asks how long a film is. */
const PROBE = "bytes=0-0";

/** What the program `serve` is made of, and what it was asked for. */
async function startStaticServer(folder: string) {
  const asked: string[] = [];
  const port = freePort();
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.range}`);
    void handle(request, response, { public: folder });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${port}/`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function durationOf(url: string): Promise<number> {
  const { found, errors } = await ffprobe<{ format: { duration: string } }>(
    ["-show_entries", "format=duration", url],
  );
  assertEquals(errors, "", url);
  return Number(found.format.duration);
}

Deno.test("films of a static web server play and seek in ffmpeg, mpv and curl, each part pulled once for all", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(join(folder, "old"));
  await makeFilm(join(folder, "film.mp4"), SECONDS);
  const codecs = { video: ["-c:v", "libvpx", "-g", "10"], audio: ["-c:a", "libopus"] };
  const webm = await makeClip("short.webm", { seconds: 4, ...codecs });
  await Deno.writeFile(join(folder, "old/short.webm"), webm);
  const film = await Deno.readFile(join(folder, "film.mp4"));
  await using server = await startStaticServer(folder);
  await using edge = await startEdge(["--no-demo", "--vod", `far=${server.url}`]);
  const url = `${edge.url}/vod/far/film.mp4`;
  const mpv = await optionalProgram("mpv");

  // All at once, before anything of it is at the edge.
  const [copy, errors, seconds, , seen] = await Promise.all([
    output("curl", ["-s", url]),
    decodeErrors(url),
    durationOf(url),
    ffmpeg(["-ss", `${SECONDS / 2}`, "-i", url, "-f", "null", "-"]),
    mpv && output(mpv, [
      ...["--no-config", "--msg-level=all=warn", "--vo=null", "--ao=null", "--untimed"],
      ...[`--start=${SECONDS - 5}`, "--length=2", url],
    ]),
    ...Array.from({ length: 4 }, async () => assertEquals(await (await fetch(url)).bytes(), film)),
  ]);
  assertEquals(copy.stdout, film);
  assertEquals(errors, "");
  assertEquals(Math.round(seconds), SECONDS);
  if (seen) assertEquals([seen.code, seen.text], [0, ""]);

  const cut = join(folder, "cut");
  await Deno.writeFile(cut, film.subarray(0, 1_500_000));
  assertEquals((await output("curl", ["-s", "-C", "-", "-o", cut, url])).code, 0);
  assertEquals(await Deno.readFile(cut), film);

  const short = `${edge.url}/vod/far/old/short.webm`;
  assert(Math.abs(await durationOf(short) - 4) < 0.2);
  assertEquals(await decodeErrors(short), "");

  const parts = server.asked.filter((one) => !one.endsWith(PROBE));
  assertEquals(parts.length, new Set(parts).size, parts.join("\n"));
  assertEquals(parts.length, Math.ceil(film.length / 2 ** 20) + Math.ceil(webm.length / 2 ** 20));
  await Deno.remove(folder, { recursive: true });
});
