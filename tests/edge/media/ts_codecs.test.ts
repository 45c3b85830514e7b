import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { unplayableInTs } from "../../../edge/media/ts_codecs.ts";
import { ffmpeg } from "../origin/ffmpeg.ts";

const SOURCES = ["-f", "lavfi", "-i", "testsrc=size=160x90:rate=25", "-f", "lavfi", "-i", "sine"];
const PACKET_BYTES = 188;

async function made(...codecs: readonly string[]): Promise<Uint8Array> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await ffmpeg([...SOURCES, "-t", "0.4", ...codecs, "-f", "mpegts", file]);
  const bytes = await Deno.readFile(file);
  await Deno.remove(file);
  return bytes;
}

Deno.test("what ffmpeg puts into MPEG-TS is told by its name where no browser plays it", async () => {
  const cases: [string[], string | undefined][] = [
    [["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"], undefined],
    [["-vn", "-c:a", "libmp3lame"], undefined],
    [["-vn", "-c:a", "ac3"], undefined],
    [["-c:v", "mpeg2video", "-c:a", "mp2"], "MPEG-2 video"],
    [["-c:v", "mpeg4", "-c:a", "aac"], "MPEG-4 Visual"],
  ];
  for (const [codecs, name] of cases) assertEquals(unplayableInTs(await made(...codecs)), name);
});

Deno.test("no packets at all make reading them throw", () => {
  const packet = fc.tuple(
    fc.constantFrom(0x40, 0x00),
    fc.constantFrom(0, 1, 2),
    fc.uint8Array({ minLength: PACKET_BYTES - 3, maxLength: PACKET_BYTES - 3 }),
  ).map(([begins, pid, rest]) => [0x47, begins, pid, ...rest]);
  fc.assert(fc.property(fc.array(packet, { maxLength: 4 }), fc.nat(400), (packets, cut) => {
    unplayableInTs(Uint8Array.from(packets.flat().slice(0, -1 - cut)));
    unplayableInTs(Uint8Array.from(packets.flat()));
  }));
});
