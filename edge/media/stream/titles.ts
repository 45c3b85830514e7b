/** What is played when, in step with the media: a listener may be some segments behind. */
export interface Titles {
  /** From the unit with this number on. */
  set(fromSequence: number, title: string): void;
  /** What plays in that unit; empty where nothing was said. */
  at(sequence: number): string;
  /** The newest. */
  newest(): string | undefined;
  clear(): void;
}

/** More than change within the live window. */
const KEPT = 32;

export function createTitles(): Titles {
  let list: { from: number; title: string }[] = [];
  return {
    set(from, title) {
      list = [...list.filter((one) => one.from < from), { from, title }].slice(-KEPT);
    },
    at: (sequence) => list.findLast(({ from }) => from <= sequence)?.title ?? "",
    newest: () => list.at(-1)?.title,
    clear: () => void (list = []),
  };
}
