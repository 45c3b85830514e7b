/** Builds what browsers load into `dist/`: the tag, the worker, the pages. Run by `deno task build`. */
import { dirname, fromFileUrl, join } from "@std/path";

const root: string = dirname(dirname(fromFileUrl(import.meta.url)));
const dist: string = join(root, "dist");

/** Entry points and the scripts they become. `deno bundle` is experimental: nothing else calls it. */
const scripts: Record<string, string> = {
  "web/tag.ts": "tributary.js",
  "sw/worker.ts": "sw.js",
  "web/panel/panel.ts": "panel.js",
  "web/site/watch.ts": "site/watch.js",
  "web/site/portal.ts": "site/portal.js",
};
const copies: Record<string, string> = {
  "web/site/watch.html": "site/watch.html",
  "web/site/film.html": "site/film.html",
  "web/site/embed.html": "site/embed.html",
  "web/site/portal.html": "site/portal.html",
  "web/site/lost.html": "site/lost.html",
  "web/site/site.css": "site/site.css",
  "web/site/embed.css": "site/embed.css",
  "web/site/portal.css": "site/portal.css",
  "web/site/watch.css": "site/watch.css",
  "web/site/icon.svg": "site/icon.svg",
  "web/studio/studio.html": "studio/studio.html",
  "web/studio/studio.css": "studio/studio.css",
  "edge/origin/demo/poster.jpg": "demo/poster.jpg",
};

/**
 * Modules: what the tag loads by `import()`, and the studio. What they load in their turn is a file
 * each beside them, named after its hash.
 */
const modules: Record<string, string> = {
  "web/sharing.ts": "share",
  // What films need is apart: parts that both used would weigh on pages without films.
  "web/player/film_player.ts": "share",
  "web/player/stream_bridge.ts": "share",
  "web/player/listed_film.ts": "share",
  "web/studio/studio.ts": "studio",
};

function script(entry: string, output: string): Promise<void> {
  return bundle(entry, ["--format", "iife", "-o", join(dist, output)]);
}

async function bundle(entry: string, options: readonly string[]): Promise<void> {
  const run = new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "--minify", ...options, join(root, entry)],
    cwd: root,
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stderr } = await run.output();
  if (!success) throw new Error(`${entry}: ${new TextDecoder().decode(stderr)}`);
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(join(dist, to)), { recursive: true });
  await Deno.copyFile(join(root, from), join(dist, to));
}

await Deno.mkdir(join(dist, "site"), { recursive: true });
const [first, ...others] = Object.entries(scripts);
// On a new machine the first bundling fetches the bundler: several at once would fetch it into one file.
await script(...first!);
await Promise.all([
  ...others.map((one) => script(...one)),
  // Files of earlier builds stay there: pages that are open may yet ask for theirs.
  ...Object.entries(modules).map(([entry, folder]) =>
    bundle(entry, ["--format", "esm", "--code-splitting", "--outdir", join(dist, folder)])
  ),
  ...Object.entries(copies).map(([from, to]) => copy(from, to)),
]);
