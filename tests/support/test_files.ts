import { join, relative } from "@std/path";
import { root } from "./build.ts";

/**
 * Of these one file at a time: they count milliseconds in which several viewers were starved, press play
 * in the second in which a page takes over from the browser, or encode.
 */
const ALONE =
  /^tests\/(matrix\/|interop\/latency\.|e2e\/(live_swarm|late_play|edge_away|fallbacks|harness|pulled_channel|studio(_line)?)\.)/;
/** Of these two at a time: they start browsers and servers, and wait most of the time. */
const IN_PAIRS = /^tests\/(e2e|interop)\//;
/** Every combination of something that the daily run has one of: only when it is asked for. */
const ASKED_FOR = "tests/matrix/";

/** Every test file below `tests/`, as paths from the root, those whose path has one of `wanted` in it. */
export async function testFiles(
  wanted: readonly string[],
): Promise<Record<"together" | "inPairs" | "alone", string[]>> {
  const all = (await filesBelow(join(root, "tests")))
    .map((path): string => relative(root, path).replaceAll("\\", "/"))
    .filter((path) => /[._]test\.ts$/.test(path))
    .filter((path) => wanted.length > 0 || !path.startsWith(ASKED_FOR))
    .filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part)))
    .sort();
  const alone = all.filter((path) => ALONE.test(path));
  const inPairs = all.filter((path) => IN_PAIRS.test(path) && !alone.includes(path));
  const together = all.filter((path) => !alone.includes(path) && !inPairs.includes(path));
  return { together, inPairs, alone };
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
