/** A programme of files on a static server, made and played by ffmpeg. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { readPlaylist } from "../../edge/media/playlist_read.ts";
import { H264, makeClip } from "../edge/origin/programme/clips.ts";
import { root } from "../support/build.ts";
import { openBrowser } from "../support/browser.ts";
import { startEdge } from "../support/edge_process.ts";
import { serveFiles } from "../support/file_server.ts";
import { waitUntil } from "../support/wait.ts";
import { output, PLAYERS } from "./players.ts";

const [first, second, song] = await Promise.all([
  makeClip("first.mp4", { seconds: 4 }),
  makeClip("second.mp4", { seconds: 5, tone: 880, video: [...H264, "-movflags", "+faststart"] }),
  makeClip("song.mp3", { seconds: 6, video: [], audio: ["-c:a", "libmp3lame"] }),
]);
const FILES = {
  "/first.mp4": first,
  "/second.mp4": second,
  "/song.mp3": song,
  "/loop.json": JSON.stringify({
    title: "Loop",
    items: [{ url: "first.mp4", title: "First" }, { url: "second.mp4", title: "Second" }],
  }),
  "/feed.xml": `<rss version="2.0"><channel><title>Songs</title><item><title>Song</title>
    <enclosure url="song.mp3" type="audio/mpeg" length="${song.length}"/></item></channel></rss>`,
};
/** Its warnings are left out: after each reload of any playlist it reads the init again, and says so. */
const COMPLAINTS = "error";
/** Longer than either item. */
const SECONDS = 9;

function edgeWith(...programmes: readonly string[]) {
  return startEdge(["--no-demo", ...programmes.flatMap((one) => ["--programme", one])]);
}

/** When each packet of a channel is shown or heard, s, by its track. */
async function packetTimes(url: string): Promise<number[][]> {
  const { code, stdout, text } = await output("ffprobe", [
    ...["-v", COMPLAINTS, "-show_entries", "packet=stream_index,pts_time", "-of", "csv=p=0"],
    ...["-read_intervals", `%+${SECONDS}`, url],
  ]);
  assertEquals([code, text], [0, ""]);
  const times: number[][] = [];
  for (const line of new TextDecoder().decode(stdout).trim().split("\n")) {
    const [track, time] = line.split(",").map(Number);
    (times[track!] ??= []).push(time!);
  }
  return times.map((one) => one.sort((a, b) => a - b));
}

/** Plays some seconds in a plain element of Chromium; answers how it went. */
async function elementPlays(url: string): Promise<string> {
  await using browser = await openBrowser();
  await using profile = await browser.profile();
  const page = await profile.tab();
  await page.goto(new URL("/healthz", url).href);
  return await page.evaluate(([url, seconds]) =>
    new Promise<string>((resolve) => {
      const element = document.createElement("video");
      document.body.append(element);
      element.muted = true;
      let from = 0;
      element.onerror = () => resolve(element.error?.message ?? "fails");
      element.ontimeupdate = () => {
        from ||= element.currentTime;
        if (element.currentTime - from >= seconds) resolve("plays");
      };
      setTimeout(() => resolve(`stands at ${element.currentTime - from} s`), 40_000);
      element.src = url;
      element.play().catch(() => {});
    }), [url, SECONDS] as const);
}

Deno.test("ffmpeg and Chromium play from one item into the next, without an error and without a gap", async () => {
  await using server = serveFiles(FILES);
  await using edge = await edgeWith(`loop=${server.origin}/loop.json`);
  const url = `${edge.url}/live/loop/index.m3u8`;
  const watched = elementPlays(url);
  const played = output("ffmpeg", [
    ...["-v", COMPLAINTS, "-i", url, "-t", `${SECONDS}`, "-f", "null", "-"],
  ]);
  const [pictures, sound] = await packetTimes(url);
  for (const [track, frameS] of [[pictures!, 0.1], [sound!, 1024 / 48_000]] as const) {
    const longest = track.at(-1)! - track[0]!;
    assert(longest > SECONDS - 2.1, `${longest} s`);
    track.slice(1).forEach((time, at) => {
      const step = time - track[at]!;
      // Where an item ends within a frame of sound, that frame is left out.
      assert(step > 0 && step < 2 * frameS + 0.002, `${step} s at ${time}`);
    });
  }
  const { code, text } = await played;
  assertEquals([code, text], [0, ""]);
  assertEquals(await watched, "plays");
  const { now, next, title } = await (await fetch(`${edge.url}/api/channels/loop`)).json();
  assertEquals(title, "Loop");
  assertEquals([now.title, next.title].sort(), ["First", "Second"]);
  assertEquals(now.endMs, next.startMs);
});

Deno.test("what has a start begins when it is due, a filler is on until then, and another size is declared", async () => {
  const dueMs = Math.ceil(Date.now() / 1000) * 1000 + 12_000;
  const schedule = {
    items: [{ url: "small.mp4", title: "Due", start: new Date(dueMs).toISOString() }],
    filler: { url: "first.mp4", title: "Card" },
  };
  await using server = serveFiles({
    ...FILES,
    "/small.mp4": await makeClip("small.mp4", { seconds: 8, size: "96x54" }),
    "/timed.json": JSON.stringify(schedule),
  });
  await using edge = await edgeWith(`tv=${server.origin}/timed.json`);
  const url = `${edge.url}/live/tv/index.m3u8`;
  // The lengths of the files are read first.
  const { now, next } = await waitUntil("what comes next", async () => {
    const told = await (await fetch(`${edge.url}/api/channels/tv`)).json();
    return told.next && told;
  }, 5_000);
  assertEquals([now, next.title, next.startMs], [undefined, "Due", dueMs]);
  const { code, text } = await output("ffmpeg", [
    ...["-v", COMPLAINTS, "-i", url, "-t", "6", "-f", "null", "-"],
  ]);
  assertEquals([code, text], [0, ""]);
  await waitUntil("the item that is due", async () => {
    const playlist = readPlaylist(await (await fetch(url)).text());
    const breaks = playlist.type === "media" &&
      playlist.segments.find(({ discontinuity }) => discontinuity);
    return breaks && breaks.programDateTimeMs === dueMs;
  }, 20_000);
});

/** The bytes of each segment that is listed, by its time. */
async function segmentsOf(edgeUrl: string): Promise<Map<number, string>> {
  const url = `${edgeUrl}/live/loop/index.m3u8`;
  const playlist = readPlaylist(await (await fetch(url)).text());
  if (playlist.type !== "media") throw new Error("a programme has one rendition");
  const found = new Map<number, string>();
  for (const { uri, programDateTimeMs } of playlist.segments) {
    const response = await fetch(new URL(uri, url));
    found.set(programDateTimeMs!, `${new Uint8Array(await response.arrayBuffer())}`);
  }
  return found;
}

Deno.test("two edges have the same on air, byte for byte", async () => {
  await using server = serveFiles(FILES);
  await using one = await edgeWith(`loop=${server.origin}/loop.json`);
  await using other = await edgeWith(`loop=${server.origin}/loop.json`);
  const [a, b] = await Promise.all([segmentsOf(one.url), segmentsOf(other.url)]);
  const common = [...a.keys()].filter((time) => b.has(time));
  assert(common.length >= 2);
  for (const time of common) assertEquals(a.get(time), b.get(time));
});

Deno.test("a podcast's feed is radio: ffmpeg hears it as HLS, and as one stream with its next round", async () => {
  await using server = serveFiles(FILES, { ranges: false });
  await using edge = await edgeWith(`songs=${server.origin}/feed.xml`);
  for (const path of ["live/songs/index.m3u8", "stream/songs"]) {
    const { code, text } = await output("ffmpeg", [
      ...["-v", COMPLAINTS, "-i", `${edge.url}/${path}`, "-t", "7", "-f", "null", "-"],
    ]);
    assertEquals([code, text], [0, ""], path);
  }
  assertEquals((await edge.stats("songs")).station?.playing, "Song");
});

Deno.test("a schedule and its files may lie in the data folder", async () => {
  const data = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(data, "films"));
    await Deno.writeFile(join(data, "films", "first.mp4"), first);
    await Deno.writeTextFile(join(data, "tv.json"), '{"items": [{"url": "films/first.mp4"}]}');
    await using edge = await startEdge(["--no-demo", "--data", data, "--programme", "tv=tv.json"]);
    assertEquals(await PLAYERS.ffmpeg!(`${edge.url}/live/tv/index.m3u8`), "");
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("an edge whose schedule cannot be read does not start, and says what is wrong where", async () => {
  await using server = serveFiles({ "/tv.json": '{"items": [{"url": "a.mp4", "at": 3}]}' });
  for (
    const [path, why] of [
      [`${server.origin}/tv.json`, "items.0.at is not known here"],
      [`${server.origin}/none.json`, "answered 404"],
      ["none.json", "There is no file none.json in the data folder"],
    ]
  ) {
    const data = await Deno.makeTempDir();
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "edge/main.ts", "--port", "0", "--no-stun", "--data", data],
        ...["--programme", `tv=${path}`],
      ],
      cwd: root,
    }).output();
    const text = new TextDecoder().decode(stderr);
    assertEquals(code, 1, text);
    assertStringIncludes(text, "schedule-unreadable: The schedule ");
    assertStringIncludes(text, why!);
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("after a crash the programme is where it would have been, and goes on", async () => {
  await using server = serveFiles(FILES);
  await using edge = await edgeWith(`loop=${server.origin}/loop.json`);
  const before = await segmentsOf(edge.url);
  await edge.restart();
  let after = new Map<number, string>();
  await waitUntil("segments after the crash", async () => {
    after = await segmentsOf(edge.url);
    return after.size >= 3;
  }, 10_000);
  const common = [...before.keys()].filter((time) => after.has(time));
  assert(common.length >= 1);
  for (const time of common) assertEquals(after.get(time), before.get(time));
});
