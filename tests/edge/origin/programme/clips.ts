import { ffmpeg } from "../ffmpeg.ts";

/** What is in a file made for a test. */
export interface ClipOptions {
  readonly seconds: number;
  /** Hz, of the tone. */
  readonly tone?: number;
  /** Pixels; others need another init segment. */
  readonly size?: string;
  readonly video?: readonly string[];
  readonly audio?: readonly string[];
  /** Of the output. */
  readonly format?: readonly string[];
}

export const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "20"];
export const AAC = ["-c:a", "aac", "-b:a", "64k"];

/** A file as ffmpeg makes it: by default MP4 with H.264, a keyframe every 2 s, and AAC. */
export async function makeClip(
  name: string,
  options: ClipOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { seconds, tone = 440, size = "160x90", video = H264, audio = AAC, format = [] } = options;
  const folder = await Deno.makeTempDir({ prefix: "tributary-clip-" });
  try {
    const picture = video.length > 0
      ? ["-f", "lavfi", "-i", `testsrc=size=${size}:rate=10:duration=${seconds}`]
      : [];
    const sound = audio.length > 0
      ? ["-f", "lavfi", "-i", `sine=frequency=${tone}:sample_rate=48000:duration=${seconds}`]
      : [];
    await ffmpeg([...picture, ...sound, ...video, ...audio, ...format, name], folder);
    return await Deno.readFile(`${folder}/${name}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
