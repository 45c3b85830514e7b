/**
 * How the segment after this one is called, where segments are numbered, as ffmpeg and most others do;
 * `undefined` where there is no number in the file's name.
 */
export function nextName(uri: string): string | undefined {
  const [, before, number, after] =
    /^(.*?)(\d+)([^/\d]*?(?:\.\w+)?)$/.exec(uri.replace(/[?#].*$/s, "")) ?? [];
  if (number === undefined) return undefined;
  return `${before}${String(BigInt(number) + 1n).padStart(number.length, "0")}${after}`;
}
