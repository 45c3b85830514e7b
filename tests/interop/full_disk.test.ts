/** A disk that is full: a small one, where the tests may mount it. */
import { assertEquals, assertGreater } from "@std/assert";
import { decodeErrors } from "../edge/origin/ffmpeg.ts";
import { published } from "../support/crowd.ts";
import { startEdge } from "../support/edge_process.ts";
import { freePort } from "../support/free_port.ts";
import { waitUntil } from "../support/wait.ts";
import { startEncoder } from "./radio_stage.ts";

const KEY = "key-of-the-test";
const DISK_BYTES = 2 * 1024 * 1024;
const CLIP = new URL("../../edge/origin/demo/clip.mp4", import.meta.url).pathname;
const PATIENCE_MS = 60_000;

/** A file system of its own in a new folder; `undefined` where that is not allowed. */
async function smallDisk() {
  const folder = await Deno.makeTempDir({ prefix: "tributary-disk-" });
  const run = async (program: string, ...args: string[]) =>
    (await new Deno.Command(program, { args, stderr: "null" }).output().catch(() => undefined))
      ?.success ?? false;
  const remove = () => Deno.remove(folder, { recursive: true });
  if (!await run("mount", "-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs", folder)) {
    await remove();
    return undefined;
  }
  return {
    folder,
    async [Symbol.asyncDispose]() {
      await run("umount", "--lazy", folder);
      await remove();
    },
  };
}

const probe = await smallDisk();
await probe?.[Symbol.asyncDispose]();

Deno.test({
  name: "a full disk ends the recording, which is a film as far as it goes, and not the broadcast",
  ignore: probe === undefined,
  async fn() {
    await using disk = (await smallDisk())!;
    const port = freePort();
    await using edge = await startEdge([
      ...["--no-demo", "--ingest", `cam=${KEY}`, "--ingest-port", `${port}`, "--record", "cam"],
      ...["--data", disk.folder],
    ]);
    const send = () =>
      startEncoder(["-re", "-stream_loop", "-1", "-i", CLIP], 200, [
        ...["-c", "copy", "-f", "hls", "-hls_time", "2", "-hls_segment_type", "fmp4"],
        ...["-method", "PUT", `http://127.0.0.1:${port}/ingest/cam/${KEY}/live.m3u8`],
      ]);
    await using first = send();
    const told = /^error recording-stopped: .*No space left.* Make room on the disk/m;
    await waitUntil("the end of the recording", () => told.test(edge.log()), PATIENCE_MS);
    const { newest } = (await edge.stats("cam")).window;
    await published(edge, "cam", newest! + 3);
    assertEquals([(await edge.stats("cam")).state, first.log()], ["on-air", ""]);
    const { films: [film] } = await (await fetch(`${edge.url}/api/vod`)).json();
    assertEquals(await decodeErrors(edge.url + film.file), "");
    assertGreater(film.length, DISK_BYTES / 2);

    await first.end("SIGKILL");
    await edge.restart();
    await using _second = send();
    await published(edge, "cam", newest! + 5);
  },
});
