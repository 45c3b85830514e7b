/** Names that somebody may have meant who wrote `wanted`: the most alike first, at most `most`. */
export function nearNames(wanted: string, names: readonly string[], most = 5): string[] {
  const distances = new Map(names.map((name) => [name, editDistance(fold(wanted), fold(name))]));
  return [...names].sort((a, b) => distances.get(a)! - distances.get(b)!).slice(0, most);
}

function fold(name: string): string {
  return name.toLowerCase().slice(0, 64);
}

/** Levenshtein's: characters to insert, to delete or to replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1));
    }
  }
  return row[b.length]!;
}
