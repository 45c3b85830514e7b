/** A recording of a channel whose sound comes apart. */
import { assert, assertEquals } from "@std/assert";
import { createRecorder } from "../../../edge/channels/recorder.ts";
import { createDenoFiles } from "../../../edge/platform/deno_files.ts";
import { sameBytes } from "../../../edge/protocol/bytes.ts";
import { soundApart } from "../sound_apart.ts";

Deno.test("it has the sound, as the endless stream has it from its beginning on", async () => {
  const data = await Deno.makeTempDir({ prefix: "tributary-recorder-" });
  const stage = soundApart();
  const files = createDenoFiles(data);
  const recorder = createRecorder("cam", stage.platform, files, stage.media.read);
  stage.hear(recorder.handle);
  for (const sequence of [0, 1, 2]) {
    await Promise.all([stage.sound(sequence), stage.pictures(sequence)]);
  }
  const { bytes } = await stage.streamed();
  await recorder.stop();
  const [film] = await files.list("vod/recordings");
  const recorded = await Deno.readFile(`${data}/${film!.path}`);
  assertEquals(recorded.length, bytes.length);
  assert(sameBytes(recorded, bytes));
  assertEquals(stage.platform.lines, []);
  await Deno.remove(data, { recursive: true });
});
