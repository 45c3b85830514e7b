/** Seconds of media that an element has loaded, as far as it shows: what is buffered, and what was played. */
export function loadedSeconds({ buffered, played }: Pick<HTMLMediaElement, "buffered" | "played">) {
  let seconds = 0;
  let reached = 0;
  const spans = [buffered, played].flatMap((ranges) =>
    Array.from(
      { length: ranges.length },
      (_, at) => ({ from: ranges.start(at), to: ranges.end(at) }),
    )
  );
  for (const { from, to } of spans.sort((a, b) => a.from - b.from)) {
    seconds += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return seconds;
}
