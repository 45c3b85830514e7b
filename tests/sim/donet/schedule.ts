/** A piece to get; those of an expected set stand in the order of their deadlines. */
export interface Expected {
  readonly bytes: number;
  readonly deadlineMs: number;
  /** Which suppliers show it, as indexes. */
  readonly shownBy: readonly number[];
}

export interface Supplier {
  /** bytes/ms */
  readonly bandwidth: number;
  /** Bytes asked of it that have not come. */
  readonly asked: number;
}

/**
 * DONet's scheduling heuristic: Algorithm 1 of the paper. Pieces with one supplier are its at once;
 * then those with two, with three and so on, in each case from the supplier with the highest
 * bandwidth of those that still have time for it before its deadline. What is asked of a supplier
 * takes time from all later pieces. Answers the supplier of each piece, `undefined` where none has
 * the time.
 */
export function schedule(
  expected: readonly Expected[],
  suppliers: readonly Supplier[],
  nowMs: number,
): (number | undefined)[] {
  const chosen: (number | undefined)[] = expected.map(() => undefined);
  // Time that supplier k has for piece i: t[k][i] of the paper.
  const available = suppliers.map(({ asked, bandwidth }) =>
    Float64Array.from(expected, ({ deadlineMs }) => deadlineMs - nowMs - asked / bandwidth)
  );

  function take(index: number, supplier: number): void {
    chosen[index] = supplier;
    const ms = expected[index]!.bytes / suppliers[supplier]!.bandwidth;
    const times = available[supplier]!;
    for (let later = index + 1; later < times.length; later++) times[later]! -= ms;
  }

  const byRarity: number[][] = suppliers.map(() => []);
  expected.forEach(({ shownBy }, index) => {
    if (shownBy.length === 1) take(index, shownBy[0]!);
    else if (shownBy.length > 1) byRarity[shownBy.length - 1]!.push(index);
  });
  for (const index of byRarity.flat()) {
    const { bytes, shownBy } = expected[index]!;
    let best: number | undefined;
    for (const supplier of shownBy) {
      const { bandwidth } = suppliers[supplier]!;
      if (available[supplier]![index]! <= bytes / bandwidth) continue;
      if (best === undefined || bandwidth > suppliers[best]!.bandwidth) best = supplier;
    }
    if (best !== undefined) take(index, best);
  }
  return chosen;
}
