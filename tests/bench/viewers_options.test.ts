/** The command line of `bench:viewers` and `bench:rivals`. */
import { assertEquals, assertThrows } from "@std/assert";
import { CodedError } from "../../edge/media/coded_error.ts";
import { parseViewersOptions } from "./viewers_options.ts";

const DEFAULTS = { seconds: 48, rounds: 1 };

Deno.test("eight watch, and one is replaced every eight seconds, unless something else is said", () => {
  assertEquals(parseViewersOptions([], DEFAULTS), {
    viewers: 8,
    seconds: 48,
    churn: 8,
    rounds: 1,
    json: false,
  });
  const args = ["--viewers", "4", "--seconds", "24", "--churn", "0", "--rounds", "2", "--json"];
  assertEquals(parseViewersOptions(args, DEFAULTS), {
    viewers: 4,
    seconds: 24,
    churn: 0,
    rounds: 2,
    json: true,
  });
});

Deno.test("what makes no sense is refused", () => {
  for (
    const [args, code] of [
      [["--viewers", "0"], "bad-count"],
      [["--churn", "often"], "bad-count"],
      [["--chrun", "8"], "unknown-argument"],
    ] as const
  ) {
    const error = assertThrows(() => parseViewersOptions(args, DEFAULTS), CodedError);
    assertEquals(error.code, code);
  }
});
