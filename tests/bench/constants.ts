/**
 * The experiment behind every number of the engine and of the edge's swarm: each is halved and doubled
 * in a copy of the tree, and the same trials run there. `deno task bench:constants [NAME…]` prints a
 * Markdown table; `web/swarm/CONSTANTS.md` is one that it has printed.
 */
import { cp } from "node:fs/promises";
import { basename, join, relative } from "@std/path";
import { openProgressBar } from "../support/progress_bar.ts";
import type { Verdict } from "./constants_trial.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const FOLDERS = ["web/swarm", "edge/swarm"];
/** What a trial needs of the tree. */
const NEEDED = [
  "edge",
  "web",
  "tests/sim",
  "tests/bench",
  "tests/support",
  "deno.json",
  "import_map.json",
];
const TRIAL = "tests/bench/constants_trial.ts";
const FACTORS = [1 / 2, 2];
/** `const NAME = 12 * 1024;`, alone on its line: a number, not one made from others. */
const CONSTANT = /^(?:export )?const ([A-Z][A-Z0-9_]*) = ([\d_.]+(?: [*/+] [\d_.]+)*);$/gm;

interface Constant {
  /** Below the root. */
  readonly file: string;
  readonly name: string;
  readonly value: string;
}

function* constants(): Iterable<Constant> {
  for (const folder of FOLDERS) {
    for (const { name: file, isFile } of Deno.readDirSync(join(ROOT, folder))) {
      if (!isFile || !file.endsWith(".ts")) continue;
      const text = Deno.readTextFileSync(join(ROOT, folder, file));
      for (const [, name, value] of text.matchAll(CONSTANT)) {
        yield { file: `${folder}/${file}`, name: name!, value: value! };
      }
    }
  }
}

/** Runs the trials in a copy of the tree, `change` made to it. */
async function tryIt(change?: Constant & { factor: number }): Promise<Verdict> {
  const tree = await Deno.makeTempDir();
  try {
    for (const path of NEEDED) {
      await Deno.mkdir(join(tree, path, ".."), { recursive: true });
      await cp(join(ROOT, path), join(tree, path), { recursive: true });
    }

    if (change) {
      const { file, name, value, factor } = change;
      const path = join(tree, file);
      const text = await Deno.readTextFile(path);
      await Deno.writeTextFile(
        path,
        text.replace(`const ${name} = ${value};`, `const ${name} = (${value}) * ${factor};`),
      );
    }
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--no-lock", "--quiet", join(tree, TRIAL)],
      stdout: "piped",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(tree, { recursive: true });
  }
}

function row(label: string, verdict: Verdict): string {
  const cells = [
    verdict.churnMesh.toFixed(4),
    `${(verdict.churnDuplicates * 100).toFixed(1)} %`,
    verdict.poorContinuity.toFixed(4),
    verdict.poorOffload.toFixed(3),
    verdict.vanishContinuity.toFixed(4),
  ];
  return `| ${label} | ${cells.join(" | ")} |`;
}

const wanted = [...constants()].filter(({ name }) =>
  Deno.args.length === 0 || Deno.args.includes(name)
);
const steps = wanted.flatMap((constant) => FACTORS.map((factor) => ({ ...constant, factor })));
const bar = openProgressBar();
console.log("| constant | churn: mesh | duplicates | poor: continuity | offload | vanish |");
console.log("| --- | --- | --- | --- | --- | --- |");
console.log(row("as it is", await tryIt()));
for (const [done, step] of steps.entries()) {
  bar.show(done / steps.length, step.name);
  const { file, name, value, factor } = step;
  const label = `\`${name}\` (${basename(relative(ROOT, file), ".ts")}): ${value} × ${factor}`;
  console.log(row(label, await tryIt(step)));
}
bar.clear();
