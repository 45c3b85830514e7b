/** Weighs the scripts that every visitor loads. Run by `deno task ok` and `deno task test`, after the build. */
import { join } from "@std/path";
import { gzipSync } from "node:zlib";
import { root } from "./build.ts";

interface Budget {
  readonly what: string;
  readonly files: readonly string[];
  /** Bytes after gzip at level 9. */
  readonly bytes: number;
}

const KIB = 1024;
const SHARE = "share/sharing.js";

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(join(root, "dist", path)).catch(() => {
    console.error(`dist/${path} is missing: run \`deno task build\``);
    Deno.exit(1);
  });
}

/** `paths` and all that they import, and that imports: at once, or with `import()` too. */
async function withImports(paths: readonly string[], how: "at once" | "in all"): Promise<string[]> {
  const pattern = how === "at once"
    ? /(?:from|import)"\.\/([\w.-]+)"/g
    : /(?:from|import\(?)"\.\/([\w.-]+)"/g;
  const found = new Set(paths);
  for (const path of found) {
    for (const [, file] of (await read(path)).matchAll(pattern)) found.add(`share/${file}`);
  }
  return [...found];
}

const atOnce = await withImports([SHARE], "at once");
const inAll = await withImports([SHARE], "in all");
const film = await withImports(["share/film_player.js"], "at once");
const stream = await withImports(["share/stream_bridge.js"], "at once");
const listed = await withImports(["share/listed_film.js"], "at once");
const budgets: Budget[] = [
  { what: "the tag, in the page", files: ["tributary.js"], bytes: 1 * KIB },
  { what: "sharing, after the first picture", files: atOnce, bytes: 24.75 * KIB },
  { what: "with what it loads when it needs it", files: inAll, bytes: 30 * KIB },
  { what: "what a film needs besides", files: film, bytes: 29.25 * KIB },
  // Of it 2 KiB make one stream of pictures and sound that come apart, and nearly 1 chooses a quality.
  { what: "what an endless stream needs besides", files: stream, bytes: 10 * KIB },
  { what: "what the list of a film needs besides", files: listed, bytes: 1 * KIB },
  { what: "the worker", files: ["sw.js"], bytes: 7 * KIB },
];

let over = false;
for (const { what, files, bytes } of budgets) {
  let size = 0;
  for (const file of files) size += gzipSync(await read(file), { level: 9 }).length;
  console.log(`${what} (${files.join(", ")}): ${size} B gzipped, budget ${bytes} B`);
  over ||= size > bytes;
}
if (over) Deno.exit(1);
