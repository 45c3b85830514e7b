import { dirname, fromFileUrl, join } from "@std/path";

/** The repository's root folder. */
export const root: string = dirname(dirname(dirname(fromFileUrl(import.meta.url))));

const SOURCES = ["web", "sw", "edge/protocol", "edge/media", "edge/origin/demo"];
const CONFIGURATION = ["deno.json", "import_map.json"];
const STAMP = "dist/.built";

/** Builds `dist/` if it is missing or older than its sources. Test processes take turns. */
export async function ensureBuilt(): Promise<void> {
  await Deno.mkdir(join(root, "dist"), { recursive: true });
  using stamp = await Deno.open(join(root, STAMP), { create: true, read: true, write: true });
  await stamp.lock(true);
  const startedAt = Date.now();
  const built = new TextDecoder().decode(await Deno.readFile(join(root, STAMP)));
  if (await exists("dist/tributary.js") && Number(built) > await newestSource()) return;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "web/build.ts"],
    cwd: root,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`the build failed:\n${new TextDecoder().decode(stderr)}`);
  await stamp.truncate();
  await stamp.write(new TextEncoder().encode(String(startedAt)));
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(join(root, path));
    return true;
  } catch {
    return false;
  }
}

/** When the latest change was made, ms since 1970. */
async function newestSource(): Promise<number> {
  const times = await Promise.all([
    ...CONFIGURATION.map((path) => changedAt(join(root, path))),
    ...SOURCES.map((path) => newestBelow(join(root, path))),
  ]);
  return Math.max(...times);
}

async function newestBelow(folder: string): Promise<number> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const times = await Promise.all(entries.map((entry) => {
    const path: string = join(folder, entry.name);
    return entry.isDirectory ? newestBelow(path) : changedAt(path);
  }));
  return Math.max(0, ...times);
}

async function changedAt(path: string): Promise<number> {
  return (await Deno.stat(path)).mtime?.getTime() ?? 0;
}
