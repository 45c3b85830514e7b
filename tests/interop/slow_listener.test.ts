/** Who reads more slowly than a channel plays, by real sockets: at `/stream/CHANNEL` of the edge. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { join } from "@std/path";
import { sameBytes } from "../../edge/protocol/bytes.ts";
import { decodeErrors, ffmpeg, ffprobe } from "../edge/origin/ffmpeg.ts";
import { makeFilm } from "../support/film.ts";
import { waitUntil } from "../support/wait.ts";
import { KEY, listenTo, radioStage, startEncoder } from "./radio_stage.ts";

/** So much faster than it plays the film is sent, so that the window is soon full. */
const SPEED = 8;
/** What curl takes, bytes/s; the channel has three times as much. */
const SLOW_RATE = 450_000;
const PATIENCE_MS = 90_000;

/** Listens without reading; `read` takes all that has been sent, to the end. */
async function listenDeaf(url: string) {
  const { hostname, port, pathname } = new URL(url);
  const socket = await Deno.connect({ hostname, port: Number(port) });
  const asked = `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`;
  await socket.write(new TextEncoder().encode(asked));
  return {
    read: async () => (await new Response(socket.readable).bytes()).length,
    [Symbol.dispose]() {
      try {
        socket.close();
      } catch {
        // It has been read to its end.
      }
    },
  };
}

/** Where the answer began on the channel's line, and what went before. */
function startOf(token: string) {
  const [, at, initBytes] = token.split(".").map(Number);
  return { at: at!, initBytes: initBytes! };
}

Deno.test("who does not keep up is sent what the sockets hold, no byte missing, is dropped, and begins anew at a keyframe", async () => {
  const folder = await Deno.makeTempDir();
  const film = join(folder, "film.mp4");
  await makeFilm(film, 10);
  await using stage = await radioStage(["cam"]);
  await using _source = startEncoder(
    ["-readrate", `${SPEED}`, "-stream_loop", "-1", "-i", film],
    3_600,
    [
      ...["-c", "copy", "-f", "mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof"],
      ...["-content_type", "video/mp4"],
      `icecast://source:${KEY}@127.0.0.1:${stage.port}/cam`,
    ],
  );
  await stage.onAir("cam");
  const url = `${stage.edge.url}/stream/cam`;
  await using ear = await listenTo(stage, "cam");
  using deaf = await listenDeaf(url);
  const [heard, headers] = [join(folder, "heard.mp4"), join(folder, "headers")];
  const curl = new Deno.Command("curl", {
    args: ["-s", "--limit-rate", `${SLOW_RATE}`, "-D", headers, "-o", heard, url],
  }).spawn();
  let status: Deno.CommandStatus | undefined;
  void curl.status.then((ended) => status = ended);
  try {
    await waitUntil("curl dropped", () => status !== undefined, PATIENCE_MS);
  } finally {
    if (!status) curl.kill();
  }
  const { state, window } = await stage.edge.stats("cam");
  assertEquals(state, "on-air");

  const own = startOf(ear.headers.get("Tributary-Resume")!);
  const token = /^tributary-resume: (\S+)/im.exec(await Deno.readTextFile(headers))![1]!;
  const { at, initBytes } = startOf(token);
  const media = (await Deno.readFile(heard)).subarray(initBytes);
  const same = ear.heard().subarray(own.initBytes + at - own.at).subarray(0, media.length);
  assert(sameBytes(media, same), "a byte is missing, or there twice");
  const behind = ear.heard().length - own.initBytes - (at - own.at) - media.length;
  assert(behind > window.bytes / 2, `dropped only ${behind} bytes behind`);

  assertLess(await deaf.read(), window.bytes / 2, "more was held than sockets hold");

  const again = join(folder, "again.mp4");
  await ffmpeg(["-i", url, "-t", "2", "-c", "copy", again]);
  assertEquals(await decodeErrors(again), "");
  const { found } = await ffprobe<{ packets: { flags: string }[] }>(
    ["-select_streams", "v", "-show_entries", "packet=flags", "-read_intervals", "%+#1", again],
  );
  assert(found.packets[0]!.flags.startsWith("K"));
  await Deno.remove(folder, { recursive: true });
});
