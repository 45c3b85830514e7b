/** ffmpeg and ffprobe as tests use them. */
export async function ffmpeg(args: readonly string[], cwd?: string): Promise<void> {
  await run("ffmpeg", ["-hide_banner", "-nostdin", "-y", "-v", "error", ...args], cwd);
}

/** What ffprobe prints, as JSON, and whatever it complained about. */
export async function ffprobe<T>(args: readonly string[]): Promise<{ found: T; errors: string }> {
  const { stdout, stderr } = await run("ffprobe", ["-v", "error", "-of", "json", ...args]);
  return { found: JSON.parse(stdout) as T, errors: stderr };
}

/** Decodes every frame of a file; answers what the decoder complained about. */
export async function decodeErrors(file: string): Promise<string> {
  const { stderr } = await run("ffmpeg", [
    "-nostdin",
    "-v",
    "warning",
    "-i",
    file,
    "-f",
    "null",
    "-",
  ]);
  return stderr;
}

async function run(command: string, args: readonly string[], cwd?: string) {
  const output = await new Deno.Command(command, {
    args: [...args],
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
  }).output();
  const [stdout, stderr] = [output.stdout, output.stderr].map((b) => new TextDecoder().decode(b));
  if (!output.success) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
  return { stdout: stdout!, stderr: stderr! };
}
