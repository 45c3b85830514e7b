import { requireFfmpeg } from "./ffmpeg.ts";

/** Widths of the pictures, as the lists name them: the first one is not the best. */
export const WIDTHS = [160, 320] as const;

/**
 * Makes a film in segments, with B-frames and with sound apart, in two qualities: `film.mpd` and
 * `film.m3u8` in the folder, and the pictures and sound of it as `film.mkv`.
 */
export async function makeListedFilm(folder: string, seconds: number): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const ffmpeg = await requireFfmpeg();
  const whole = `${folder}/film.mkv`;
  await run(ffmpeg, [
    ...["-f", "lavfi", "-i", `testsrc2=size=320x180:rate=25:duration=${seconds}`],
    ...["-f", "lavfi", "-i", `sine=440:duration=${seconds}`],
    ...["-map", "0:v", "-map", "0:v", "-map", "1:a"],
    ...WIDTHS.flatMap((width, at) => [`-filter:v:${at}`, `scale=${width}:-2`]),
    ...["-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "50", "-keyint_min", "50"],
    ...["-b:v:0", "150k", "-b:v:1", "600k", "-c:a", "aac", whole],
  ]);
  const all = ["-i", whole, "-map", "0", "-c", "copy"];
  await run(ffmpeg, [
    ...all,
    ...["-f", "dash", "-seg_duration", "4", "-adaptation_sets", "id=0,streams=v id=1,streams=a"],
    `${folder}/film.mpd`,
  ]);
  await run(ffmpeg, [
    ...[...all, "-b:v:0", "150k", "-b:v:1", "600k", "-f", "hls", "-hls_time", "4"],
    ...["-hls_list_size", "0"],
    ...["-hls_segment_type", "fmp4", "-var_stream_map", "v:0,agroup:a v:1,agroup:a a:0,agroup:a"],
    ...["-hls_fmp4_init_filename", "init_%v.mp4", "-master_pl_name", "film.m3u8"],
    `${folder}/q%v.m3u8`,
  ]);
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args: ["-v", "error", "-y", ...args],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
