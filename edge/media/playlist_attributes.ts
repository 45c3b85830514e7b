/** Attribute lists of HLS tags, RFC 8216bis §4.2. */
export interface Attribute {
  readonly name: string;
  /** Without its quotes. */
  readonly value: string;
  readonly quoted: boolean;
}

const ATTRIBUTE = /\s*([A-Z0-9-]+)\s*=\s*("([^"]*)"|[^",]*)\s*(,|$)/y;

/** Reads `NAME=value,NAME="value"`; answers `undefined` for text that is no attribute list. */
export function readAttributes(text: string): Attribute[] | undefined {
  const list: Attribute[] = [];
  for (let at = 0; at < text.length;) {
    ATTRIBUTE.lastIndex = at;
    const match = ATTRIBUTE.exec(text);
    if (!match) return undefined;
    const quoted = match[3] !== undefined;
    list.push({ name: match[1]!, value: quoted ? match[3]! : match[2]!.trim(), quoted });
    at = ATTRIBUTE.lastIndex;
  }
  return list;
}

/** The value of the first attribute of that name. */
export function attribute(list: readonly Attribute[], name: string): string | undefined {
  return list.find((one) => one.name === name)?.value;
}

/** The list as it stands in a playlist. */
export function writeAttributes(list: readonly Attribute[]): string {
  return list
    .map(({ name, value, quoted }) => (quoted ? `${name}="${value}"` : `${name}=${value}`))
    .join(",");
}
