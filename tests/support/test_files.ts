import { join, relative } from "@std/path";
import { root } from "./build.ts";

/** Folders of tests that start browsers and servers: one file at a time, so that timings mean something. */
const ALONE = ["e2e", "interop", "matrix"];
/** Every combination of something that the daily run has one of: only when it is asked for. */
const ASKED_FOR = "tests/matrix/";

/** Every test file below `tests/`, as paths from the root, those whose path has one of `wanted` in it. */
export async function testFiles(
  wanted: readonly string[],
): Promise<{ together: string[]; alone: string[] }> {
  const all = (await filesBelow(join(root, "tests")))
    .map((path): string => relative(root, path).replaceAll("\\", "/"))
    .filter((path) => /[._]test\.ts$/.test(path))
    .filter((path) => wanted.length > 0 || !path.startsWith(ASKED_FOR))
    .filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part)))
    .sort();
  const isAlone = (path: string) => ALONE.includes(path.split("/")[1]!);
  return { together: all.filter((path) => !isAlone(path)), alone: all.filter(isAlone) };
}

/** Absolute paths of all files in `folder` and in folders of it. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const paths = await Promise.all(entries.map((entry) => {
    const path: string = join(folder, entry.name);
    return entry.isDirectory ? filesBelow(path) : [path];
  }));
  return paths.flat();
}
