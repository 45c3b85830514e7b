import { parseArgs } from "@std/cli/parse-args";
import { CodedError } from "../../edge/media/coded_error.ts";
import { parseCount } from "../../web/headless/cli.ts";

/** What `bench:viewers` and `bench:rivals` are told. */
export interface ViewersOptions {
  readonly viewers: number;
  /** Counted, once without churn and once with it. */
  readonly seconds: number;
  /** One viewer is replaced every so many seconds; 0: none is, and nothing is counted with churn. */
  readonly churn: number;
  /** Times that each variant has its turn. */
  readonly rounds: number;
  readonly json: boolean;
}

const MAX_VIEWERS = 64;
const MAX_SECONDS = 3_600;
const MAX_ROUNDS = 100;

/** Reads the command line. Throws a `CodedError` for what it does not understand. */
export function parseViewersOptions(
  args: readonly string[],
  defaults: { readonly seconds: number; readonly rounds: number },
): ViewersOptions {
  const flags: Record<string, unknown> = parseArgs([...args], {
    string: ["viewers", "seconds", "churn", "rounds"],
    boolean: ["json"],
    default: {
      viewers: "8",
      seconds: `${defaults.seconds}`,
      churn: "8",
      rounds: `${defaults.rounds}`,
    },
    unknown(argument: string) {
      throw new CodedError(
        "unknown-argument",
        `${argument} means nothing here.`,
        "Known are --viewers 8, --seconds 48, --churn 8, --rounds 2 and --json.",
      );
    },
  });
  return {
    viewers: parseCount("--viewers", flags.viewers, MAX_VIEWERS),
    seconds: parseCount("--seconds", flags.seconds, MAX_SECONDS),
    churn: flags.churn === "0" ? 0 : parseCount("--churn", flags.churn, MAX_SECONDS),
    rounds: parseCount("--rounds", flags.rounds, MAX_ROUNDS),
    json: flags.json === true,
  };
}
