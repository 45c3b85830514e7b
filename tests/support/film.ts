import { requireFfmpeg } from "./ffmpeg.ts";

/** Bits per second of picture, and of sound: 1.4 Mbit/s together, so that a minute is about 10 MB. */
const VIDEO_RATE = "1350k";

/** Makes a film of so many seconds: noise over a test picture, since the codec would find a still one small. */
export async function makeFilm(path: string, seconds: number): Promise<void> {
  const picture = `testsrc2=size=320x180:rate=25:duration=${seconds}`;
  const rate = ["-b:v", VIDEO_RATE, "-minrate", VIDEO_RATE, "-maxrate", VIDEO_RATE];
  const command = new Deno.Command(await requireFfmpeg(), {
    args: [
      ...["-v", "error", "-y", "-f", "lavfi", "-i", picture],
      ...["-f", "lavfi", "-i", `sine=440:duration=${seconds}`],
      ...["-vf", "noise=alls=40:allf=t", "-c:v", "libx264", "-preset", "ultrafast", "-g", "50"],
      ...[...rate, "-bufsize", "700k", "-c:a", "aac", "-movflags", "+faststart", path],
    ],
    stdout: "null",
    stderr: "piped",
  });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
