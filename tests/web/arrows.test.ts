/** The arrows between the folders, as ARCHITECTURE.md draws them. */
import { assertEquals } from "@std/assert";
import { dirname, join, relative } from "@std/path";
import { root } from "../support/build.ts";
import { filesBelow } from "../support/test_files.ts";

/** What the files of a folder may import, besides packages. The first folder that matches counts. */
const ARROWS: readonly { readonly from: string; readonly to: readonly string[] }[] = [
  { from: "edge/protocol/", to: ["edge/protocol/"] },
  { from: "edge/media/", to: ["edge/media/", "edge/protocol/"] },
  { from: "edge/", to: ["edge/"] },
  { from: "sw/", to: ["sw/", "edge/protocol/", "edge/media/"] },
  { from: "web/", to: ["web/", "sw/bridge.ts", "edge/protocol/", "edge/media/"] },
];
/** Entry points of tasks may import anything. */
const ENTRY_POINTS = ["web/build.ts", "edge/main.ts"];

/** Sans-I/O: time, chance and the world come in as inputs. */
const PURE = ["edge/protocol/", "edge/media/", "edge/swarm/", "web/swarm/"];
const IMPURE =
  /\b(?:Date\.now|performance\.now|Math\.random|setTimeout|setInterval|queueMicrotask|crypto\.getRandomValues|crypto\.randomUUID|Deno\.\w+)\b|\bnew Date\(\)|(?<![\w.])fetch\(/g;

const sources = await sourcesBelow(["edge", "sw", "web"]);

Deno.test("imports follow the arrows", () => {
  assertEquals(sources.flatMap(({ path, text }) => strayImports(path, text)), []);
});

Deno.test("the pure folders read no clock, no chance and no world", () => {
  const found = sources
    .filter(({ path }) => PURE.some((folder) => path.startsWith(folder)))
    .flatMap(({ path, text }) => worldly(text).map((use) => `${path}: ${use}`));
  assertEquals(found, []);
});

Deno.test("a stray import and a read clock are seen", () => {
  const strayInEdge = `import { a } from "../../web/api.ts";\nexport * from "./own.ts";`;
  assertEquals(strayImports("edge/swarm/x.ts", strayInEdge), [
    "edge/swarm/x.ts imports web/api.ts",
  ]);
  assertEquals(strayImports("web/net/x.ts", `const a = await import("../../sw/cache.ts");`), [
    "web/net/x.ts imports sw/cache.ts",
  ]);
  assertEquals(strayImports("web/net/x.ts", `import type { B } from "../../sw/bridge.ts";`), []);
  assertEquals(worldly("const t = Date.now(); platform.fetch(url); // setTimeout"), ["Date.now"]);
});

function strayImports(path: string, text: string): string[] {
  const arrow = ARROWS.find(({ from }) => path.startsWith(from));
  if (!arrow || ENTRY_POINTS.includes(path)) return [];
  return importsOf(text)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier): string =>
      relative(root, join(root, dirname(path), specifier)).replaceAll("\\", "/")
    )
    .filter((target) => !arrow.to.some((allowed) => target.startsWith(allowed)))
    .map((target) => `${path} imports ${target}`);
}

function importsOf(text: string): string[] {
  const statement = /\b(?:from|import)\s*\(?\s*["']([^"']+)["']/g;
  return [...withoutComments(text).matchAll(statement)].map((match) => match[1]!);
}

function worldly(text: string): string[] {
  return withoutComments(text).match(IMPURE) ?? [];
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(?<![:"'`])\/\/.*$/gm, "");
}

async function sourcesBelow(folders: readonly string[]): Promise<{ path: string; text: string }[]> {
  const files = (await Promise.all(folders.map((folder) => filesBelow(join(root, folder))))).flat();
  return await Promise.all(
    files.filter((file) => file.endsWith(".ts")).map(async (file) => ({
      path: relative(root, file).replaceAll("\\", "/"),
      text: await Deno.readTextFile(file),
    })),
  );
}
