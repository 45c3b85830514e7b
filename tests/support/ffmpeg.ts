import { requireProgram } from "./require.ts";

const places = (name: string) => [
  `/usr/bin/${name}`,
  `/usr/local/bin/${name}`,
  `/opt/homebrew/bin/${name}`,
];

/** The executable of ffmpeg. Throws `MissingProgramError`. */
export function requireFfmpeg(): Promise<string> {
  return requireProgram({
    title: "ffmpeg",
    variable: "TRIBUTARY_FFMPEG",
    names: ["ffmpeg"],
    places: places("ffmpeg"),
    versionFlag: "-version",
    debianPackage: "ffmpeg",
  });
}

/** The executable of ffprobe, which comes with ffmpeg. Throws `MissingProgramError`. */
export function requireFfprobe(): Promise<string> {
  return requireProgram({
    title: "ffprobe",
    variable: "TRIBUTARY_FFPROBE",
    names: ["ffprobe"],
    places: places("ffprobe"),
    versionFlag: "-version",
    debianPackage: "ffmpeg",
  });
}
