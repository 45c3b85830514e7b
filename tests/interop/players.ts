/** Programs that people listen with. */
const SECONDS = "3";
const PICTURES = 75;

export async function output(program: string, args: readonly string[], env = {}) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  return { code, stdout, text: new TextDecoder().decode(stderr) };
}

/** What plays some seconds of an address and ends without a complaint. */
export const PLAYERS: Record<string, (url: string) => readonly string[]> = {
  ffmpeg: (url) => ["-v", "warning", "-i", url, "-t", SECONDS, "-f", "null", "-"],
  mpv: (url) => [
    ...["--no-config", "--msg-level=all=warn", "--vo=null", "--ao=null"],
    // Its lengths count from 0, and the demo's pictures from 1970.
    url.includes("demo") ? `--frames=${PICTURES}` : `--length=${SECONDS}`,
    url,
  ],
};
