import { requireFfmpeg } from "../../support/ffmpeg.ts";

/** A clip cut into fMP4 segments, from which servers and pages of the tests build a live window. */
export interface Media {
  readonly init: Uint8Array<ArrayBuffer>;
  readonly segments: readonly Uint8Array<ArrayBuffer>[];
}

export const SEGMENT_SECONDS = 2;

/** Makes `seconds` of moving picture and tone. */
export async function makeMedia(seconds: number): Promise<Media> {
  const folder = await Deno.makeTempDir();
  try {
    const frames = 15 * SEGMENT_SECONDS;
    const { success, stderr } = await new Deno.Command(await requireFfmpeg(), {
      args: ["-v", "error", "-f", "lavfi", "-i", `testsrc2=s=192x108:r=15:d=${seconds}`]
        .concat(["-f", "lavfi", "-i", `sine=f=330:d=${seconds}`, "-c:v", "libx264"])
        .concat(["-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", `${frames}`])
        .concat(["-sc_threshold", "0", "-c:a", "aac", "-b:a", "48k", "-f", "hls"])
        .concat(["-hls_time", `${SEGMENT_SECONDS}`, "-hls_list_size", "0"])
        .concat(["-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4"])
        .concat(["-hls_segment_filename", `${folder}/%d.m4s`, `${folder}/index.m3u8`]),
      stderr: "piped",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const segments: Uint8Array<ArrayBuffer>[] = [];
    for (let index = 0; index < seconds / SEGMENT_SECONDS; index++) {
      segments.push(await Deno.readFile(`${folder}/${index}.m4s`));
    }
    return { init: await Deno.readFile(`${folder}/init.mp4`), segments };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
