/** Weighs the scripts that every visitor loads. Run by `deno task ok` and `deno task test`, after the build. */
import { join } from "@std/path";
import { gzipSync } from "node:zlib";
import { root } from "./build.ts";

/** Bytes after gzip at level 9. The tag stands in the page; what shares comes after the first picture. */
const BUDGETS: Record<string, number> = {
  "dist/tributary.js": 1024,
  "dist/sharing.js": 24 * 1024,
  "dist/sw.js": 6 * 1024,
};

let over = false;
for (const [path, budget] of Object.entries(BUDGETS)) {
  const size = await Deno.readFile(join(root, path))
    .then((bytes) => gzipSync(bytes, { level: 9 }).length)
    .catch(() => undefined);
  const verdict = size === undefined ? "missing: run `deno task build`" : `${size} B gzipped`;
  console.log(`${path}: ${verdict}, budget ${budget} B`);
  over ||= size === undefined || size > budget;
}
if (over) Deno.exit(1);
