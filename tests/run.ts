/**
 * Everything there is to check, for `deno task test [part of a path…] [--filter NAME]`: with a part
 * of a path or a name, only the tests that match.
 */
import { parseArgs } from "@std/cli/parse-args";
import { stripVTControlCharacters } from "node:util";
import { root } from "./support/build.ts";
import { requireChromium } from "./support/chromium.ts";
import { requireFfmpeg, requireFfprobe } from "./support/ffmpeg.ts";
import { MissingProgramError } from "./support/require.ts";
import { testFiles } from "./support/test_files.ts";

interface Tally {
  passed: number;
  failed: number;
}

/** A run that hangs is ended and counts as failed. */
const RUN_TIMEOUT_MS = 30 * 60_000;
const SANITIZERS = ["--sanitize-resources", "--sanitize-ops"];

const startedAt = performance.now();
const given: { _: (string | number)[]; filter?: string } = parseArgs(Deno.args, {
  string: ["filter"],
});
const parts = given._.map(String);
const filter = given.filter ? [`--filter=${given.filter}`] : [];
const everything = parts.length === 0 && filter.length === 0;

const environment = await findPrograms();
const total: Tally = { passed: 0, failed: 0 };
/** Files that failed and then passed by themselves. */
const shaky: string[] = [];

await step("build", ["run", "-A", "web/build.ts"]);
if (everything) {
  await step("format", ["fmt", "--check", "--quiet"]);
  await step("lint", ["lint", "--quiet"]);
  await step("types", ["check", "--quiet"]);
  await step("script weight", ["run", "-A", "tests/support/size_budget.ts"]);
}
const files = await testFiles(parts);
if (files.together.length > 0) {
  await test(["--parallel", ...SANITIZERS, ...filter, ...files.together]);
}
if (files.inPairs.length > 0) await testWithBrowsers(files.inPairs, ["--parallel"]);
for (const file of files.alone) await testWithBrowsers([file]);

const seconds = Math.round((performance.now() - startedAt) / 1000);
console.log(`\n${Math.floor(seconds / 60)} min ${seconds % 60} s`);
for (const file of shaky) console.log(`passed at the second try only: ${file}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
if (total.failed > 0 || total.passed === 0) Deno.exit(1);

/** The programs that tests start, as environment variables for them. Ends with code 2 if one cannot be had. */
async function findPrograms(): Promise<Record<string, string>> {
  try {
    return {
      TRIBUTARY_CHROMIUM: await requireChromium(),
      TRIBUTARY_FFMPEG: await requireFfmpeg(),
      TRIBUTARY_FFPROBE: await requireFfprobe(),
    };
  } catch (error) {
    if (!(error instanceof MissingProgramError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}

/** A check that passes or fails as a whole. */
async function step(name: string, args: readonly string[]): Promise<void> {
  console.log(`\n── ${name}`);
  const { success } = await run(args);
  add({ passed: success ? 1 : 0, failed: success ? 0 : 1 });
}

async function test(args: readonly string[]): Promise<void> {
  add((await tried(args)).tally);
}

/**
 * With browsers, players and servers on a busy machine what failed is tried once more, file by file: a
 * broken rule fails again. What does not is named at the end: there is a race to be found.
 */
async function testWithBrowsers(some: readonly string[], how: readonly string[] = []) {
  const first = await tried([...how, ...SANITIZERS, ...filter, ...some], { DENO_JOBS: "2" });
  const again = some.filter((file) => some.length === 1 || first.failures.includes(file));
  if (first.tally.failed === 0 || again.length === 0) return add(first.tally);
  add({ passed: first.tally.passed, failed: 0 });
  for (const file of again) {
    const { tally } = await tried([...SANITIZERS, ...filter, file]);
    if (tally.failed === 0) shaky.push(file);
    add({ passed: 0, failed: tally.failed });
  }
}

async function tried(args: readonly string[], besides: Record<string, string> = {}) {
  console.log(`\n── tests ${args.filter((arg) => arg.startsWith("tests/")).join(" ")}`);
  const { success, text } = await run(["test", "-A", "--no-check", ...args], besides);
  const { passed, failed } = tally(text);
  const [, list = ""] = text.split(/^ FAILURES $/m);
  const failures = [...list.matchAll(/=> \.\/(tests\/\S+\.test\.ts):/g)].map(([, file]) => file!);
  // A run that broke off, or whose teardown failed, has failed whatever it said before.
  return { tally: { passed, failed: success || failed > 0 ? failed : 1 }, failures };
}

function add({ passed, failed }: Tally): void {
  total.passed += passed;
  total.failed += failed;
}

/** Reads the closing line of `deno test`: `ok | 12 passed (3 steps) | 0 failed | 2 ignored (1s)`. */
function tally(text: string): Tally {
  const line = text.match(/^(?:ok|FAILED) \| .*$/gm)?.at(-1) ?? "";
  const count = (what: string) => Number(new RegExp(`(\\d+) ${what}`).exec(line)?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed") };
}

/** Runs Deno, shows what it prints and answers it without colours. */
async function run(
  args: readonly string[],
  besides: Record<string, string> = {},
): Promise<{ success: boolean; text: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: root,
    env: { ...environment, ...besides, DENO_NO_UPDATE_CHECK: "1" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const hung = setTimeout(() => {
    console.error(`still running after ${RUN_TIMEOUT_MS / 60_000} minutes: ended`);
    child.kill("SIGTERM");
  }, RUN_TIMEOUT_MS);
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    await Deno.stdout.write(chunk);
    text += decoder.decode(chunk, { stream: true });
  }
  const { success } = await child.status;
  clearTimeout(hung);
  return { success, text: stripVTControlCharacters(text) };
}
