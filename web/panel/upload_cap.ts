import { formatRate } from "./format.ts";

/** What the viewer can choose from, as values of a select element. */
export type CapChoice = "default" | "none" | `${number}`;

/** bytes/s: 500 kbit/s, 1, 2, 5 and 10 Mbit/s. */
const STEPS = [62_500, 125_000, 250_000, 625_000, 1_250_000] as const;
/** "No cap" as a number that JSON can carry, which `Infinity` is not. */
const UNCAPPED = Number.MAX_SAFE_INTEGER;

const DEFAULT_WORDS = "default";

/** The choices in order, with the words for them. */
export const capChoices: readonly { value: CapChoice; words: string }[] = [
  { value: "default", words: DEFAULT_WORDS },
  ...STEPS.map((step) => ({ value: `${step}` as const, words: formatRate(step) })),
  { value: "none", words: "no limit" },
];

/** What `setUploadCap` takes for a choice: bytes/s, or `undefined` for the default. */
export function capOf(choice: string): number | undefined {
  if (choice === "none") return UNCAPPED;
  return STEPS.find((step) => `${step}` === choice);
}

/** The choice that stands for a cap in bytes/s; any cap that is not on the list is the default one. */
export function choiceOf(capBytesPerSecond: number): CapChoice {
  if (capBytesPerSecond >= UNCAPPED) return "none";
  const step = STEPS.find((step) => step === capBytesPerSecond);
  return step === undefined ? "default" : `${step}`;
}

/** The words for the default choice, with what it comes to just now where it is the one in force. */
export function defaultWords(capBytesPerSecond: number): string {
  const inForce = choiceOf(capBytesPerSecond) === "default" && capBytesPerSecond > 0;
  return inForce ? `${DEFAULT_WORDS}: ${formatRate(capBytesPerSecond)}` : DEFAULT_WORDS;
}
