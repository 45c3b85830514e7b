/** Two songs for sources that play files. */
import { join } from "@std/path";
import { ffmpeg } from "../edge/origin/ffmpeg.ts";

export const SONGS = ["One", "Two"] as const;
const SECONDS = 4;

/** Makes them in `folder` as Ogg Vorbis, by Änn, and answers their paths. */
export function makeSongs(folder: string): Promise<string[]> {
  return Promise.all(SONGS.map(async (title, at) => {
    const file = join(folder, `${title}.ogg`);
    const tone = ["-f", "lavfi", "-i", `sine=frequency=${300 + at * 200}:sample_rate=44100`];
    const tags = ["-metadata", `title=${title}`, "-metadata", "artist=Änn"];
    await ffmpeg([...tone, "-t", `${SECONDS}`, "-c:a", "libvorbis", ...tags, file]);
    return file;
  }));
}
