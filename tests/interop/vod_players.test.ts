/** Films and recordings in programs not ours: curl, ffprobe, and mpv where it is installed. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { decodeErrors, ffmpeg } from "../edge/origin/ffmpeg.ts";
import { makeClip } from "../edge/origin/programme/clips.ts";
import { startEdge } from "../support/edge_process.ts";
import { requireFfprobe } from "../support/ffmpeg.ts";
import { makeFilm } from "../support/film.ts";
import { freePort } from "../support/free_port.ts";
import { makeListedFilm } from "../support/listed_film.ts";
import { optionalProgram } from "../support/optional_program.ts";
import { waitUntil } from "../support/wait.ts";
import { startFfmpeg } from "./ffmpeg_source.ts";
import { PLAYERS } from "./players.ts";

const KEY = "key-of-the-test";
const SECONDS = 6;

async function output(program: string, ...args: string[]): Promise<string> {
  const { stdout, success } = await new Deno.Command(program, { args, stderr: "null" }).output();
  assert(success, `${program} ${args.join(" ")}`);
  return new TextDecoder().decode(stdout);
}

async function duration(url: string): Promise<number> {
  const show = ["-show_entries", "format=duration", "-of", "csv=p=0"];
  return Number(await output(await requireFfprobe(), "-v", "error", ...show, url));
}

Deno.test("every player plays what finished lists name, as one file", async () => {
  await using edge = await startEdge(["--no-demo"]);
  await makeListedFilm(join(edge.data, "vod/show"), 2 * SECONDS);
  for (const list of ["film.mpd", "film.m3u8"]) {
    for (const [name, plays] of Object.entries(PLAYERS)) {
      assertEquals((await plays(`${edge.url}/vod/show/${list}.mp4`)).trim(), "", `${name} ${list}`);
    }
  }
});

Deno.test("curl, ffprobe and mpv get a film by range", async () => {
  await using edge = await startEdge(["--no-demo"]);
  await Deno.mkdir(join(edge.data, "vod"));
  const file = join(edge.data, "vod/film.mp4");
  await makeFilm(file, SECONDS);
  const url = `${edge.url}/vod/film.mp4`;
  const part = join(edge.data, "part");
  const whole = await Deno.readFile(file);
  // What was cut off goes on where it was.
  await Deno.writeFile(part, whole.subarray(0, 100_000));
  await output("curl", "-s", "-C", "-", "-o", part, url);
  assertEquals(await Deno.readFile(part), whole);
  assertEquals(
    await output("curl", "-s", "-o", part, "-w", "%{http_code}", "-r", "5-9", url),
    "206",
  );
  assertEquals(await Deno.readFile(part), whole.slice(5, 10));
  assertEquals(Math.round(await duration(url)), SECONDS);
  assertEquals(await decodeErrors(url), "");
  const mpv = await optionalProgram("mpv");
  if (mpv) {
    await output(mpv, "--no-config", "--vo=null", "--ao=null", "--start=4", "--untimed", url);
  }
});

Deno.test("WebM and MP3 are films too: ffmpeg seeks in them, by range", async () => {
  await using edge = await startEdge(["--no-demo"]);
  await Deno.mkdir(join(edge.data, "vod"));
  const made = {
    "film.webm": { video: ["-c:v", "libvpx", "-g", "10"], audio: ["-c:a", "libopus"] },
    "song.mp3": { video: [], audio: ["-c:a", "libmp3lame"] },
  };
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [name, codecs] of Object.entries(made)) {
    files.set(name, await makeClip(name, { seconds: SECONDS, ...codecs }));
    await Deno.writeFile(join(edge.data, "vod", name), files.get(name)!);
  }
  for (const [name, file] of files) {
    const url = `${edge.url}/vod/${name}`;
    assert(Math.abs(await duration(url) - SECONDS) < 0.2, name);
    await ffmpeg(["-ss", "4", "-i", url, "-f", "null", "-"]);
    assertEquals((await decodeErrors(url)).replaceAll(/.*Estimating duration.*\n/g, ""), "", name);
    const part = await fetch(url, { headers: { Range: "bytes=1000-1999" } });
    assertEquals([part.status, await part.bytes()], [206, file.slice(1000, 2000)], name);
  }
});

const HLS = ["-f", "hls", "-hls_time", "2", "-hls_segment_type", "fmp4", "-method", "PUT"];
const DASH = ["-f", "dash", "-seg_duration", "2", "-method", "PUT"];

for (
  const [what, muxer, list] of [
    ["together", HLS, "live.m3u8"],
    ["apart", DASH, "live.mpd"],
  ] as const
) {
  Deno.test(`a broadcast that ffmpeg sends, sound and picture ${what}, is a film afterwards, listed and in the feed`, async () => {
    const port = freePort();
    const args = ["--no-demo", "--ingest", `cam=${KEY}`, "--ingest-port", `${port}`];
    await using edge = await startEdge([...args, "--record", "cam"]);
    await using _source = startFfmpeg(
      SECONDS,
      [...muxer, `http://127.0.0.1:${port}/ingest/cam/${KEY}/${list}`],
    );
    const film = await waitUntil("the recording", async () => {
      const { films } = await (await fetch(`${edge.url}/api/vod`)).json();
      return films[0];
    }, 30_000);
    assert(/^\/vod\/recordings\/cam_[\d_.-]+\.mp4$/.test(film.file), film.file);
    const url = edge.url + film.file;
    assertEquals(await decodeErrors(url), "");
    assert(Math.abs(await duration(url) - SECONDS) < 0.5, `${await duration(url)}`);
    const kinds = ["-show_entries", "stream=codec_type", "-of", "csv=p=0"];
    const told = await output(await requireFfprobe(), "-v", "error", ...kinds, url);
    assertEquals(told.trim().split("\n"), ["video", "audio"]);
    const feed = await (await fetch(`${edge.url}/feed.xml`)).text();
    const { length, type } = film;
    assert(feed.includes(`<enclosure url="${url}" length="${length}" type="${type}"/>`), feed);
  });
}
