/** The command line of `bench:sim`. */
import { assertEquals, assertThrows } from "@std/assert";
import { CodedError } from "../../edge/media/coded_error.ts";
import { parseSimOptions } from "./sim_options.ts";

Deno.test("every option is read", () => {
  const options = parseSimOptions([
    ...["--scenario", "churn", "--peers", "60", "--seconds", "20", "--seed", "7"],
    ...["--scheduler", "donet", "--no-fallback", "--upload-cap", "1.5", "--regions", "4", "--json"],
    ...["--parity", "1"],
  ])!;
  assertEquals({ ...options, scenario: options.scenario.name }, {
    scenario: "churn",
    peers: 60,
    seconds: 20,
    seed: 7,
    scheduler: "donet",
    fallback: false,
    parityRuns: 1,
    uploadCap: 1.5,
    regions: 4,
    threads: 1,
    json: true,
    report: undefined,
  });
});

Deno.test("without a word the edge may be asked, and the steady scenario is played", () => {
  const { fallback, scenario, scheduler } = parseSimOptions([])!;
  assertEquals([fallback, scenario.name, scheduler], [true, "steady", "tributary"]);
});

Deno.test("what makes no sense is refused, and it is said what would", () => {
  const refusals = [
    [["--scenario", "nothing"], "no-scenario", "steady, churn, flash"],
    [["--scheduler", "nothing"], "no-scheduler", "tributary and donet"],
    [["--peers", "many"], "bad-count", "number"],
    [["--seconds", "0"], "bad-count", "number"],
    [["--upload-cap", "0"], "bad-upload-cap", "such as 1"],
    [["--scenario", "flash", "--seconds", "5"], "too-short", "--seconds 30"],
    [["--scenario", "renditions", "--no-fallback"], "needs-fallback", "--no-fallback"],
    [["--scenario", "vod", "--scheduler", "donet"], "no-such-scheduler", "--scheduler"],
    [["--scenario", "flash", "--threads", "2"], "one-thread", "--threads"],
    [["--scheduler", "donet", "--threads", "2"], "one-thread", "--threads"],
    [["--threads", "0"], "bad-count", "number"],
    [["--sceanrio", "flash"], "unknown-argument", "--help"],
  ] as const;
  for (const [args, code, hint] of refusals) {
    const error = assertThrows(() => parseSimOptions(args), CodedError);
    assertEquals(error.code, code);
    assertEquals(error.hint.includes(hint), true, error.hint);
  }
});

Deno.test("parity is as the edge has it, or as many runs as are said, or none", () => {
  const parityOf = (...args: string[]) => parseSimOptions(args)?.parityRuns;
  assertEquals(parityOf(), undefined);
  assertEquals(parityOf("--parity", "3"), 3);
  assertEquals(parityOf("--no-parity"), 0);
  for (const wrong of ["25", "-1", "1.5", "many", ""]) {
    assertThrows(() => parityOf(`--parity=${wrong}`), CodedError, "--parity");
  }
});

Deno.test("a crowd is played in two threads, where its scenario allows that, and others as is said", () => {
  const threadsOf = (...args: string[]) => parseSimOptions(args)?.threads;
  assertEquals(threadsOf("--peers", "10000"), 2);
  assertEquals(threadsOf("--peers", "10000", "--threads", "3"), 3);
  assertEquals(threadsOf("--peers", "10000", "--scenario", "flash"), 1);
  assertEquals(threadsOf("--peers", "10000", "--scheduler", "donet"), 1);
  assertEquals(threadsOf("--peers", "1000"), 1);
  assertEquals(threadsOf("--peers", "1000", "--threads", "2"), 2);
});
