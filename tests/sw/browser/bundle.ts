import { dirname, fromFileUrl, join } from "@std/path";

const root: string = join(dirname(fromFileUrl(import.meta.url)), "../../..");

/**
 * A browser script as text; `entry` is relative to the repository. `condition` is one of the
 * conditions by which npm packages choose what they export.
 */
export async function bundle(entry: string, condition?: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "--format", "iife", join(root, entry)],
    cwd: root,
    ...(condition === undefined ? {} : { env: { DENO_CONDITIONS: condition } }),
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${entry}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
