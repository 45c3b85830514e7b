/** The 4 or 16 bytes of an IP address, `undefined` for other text. IPv4 inside IPv6 (`::ffff:1.2.3.4`) is taken out. */
export function parseAddress(text: string): Uint8Array | undefined {
  const bytes = text.includes(":") ? parseV6(text.split("%")[0]!) : parseV4(text);
  return bytes && Uint8Array.from(isMapped(bytes) ? bytes.slice(12) : bytes);
}

function parseV4(text: string): number[] | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte < 256) ? bytes : undefined;
}

/** RFC 4291 §2.2: groups in hexadecimal, one run of zeros left out, the last two perhaps as IPv4. */
function parseV6(text: string): number[] | undefined {
  const halves = text.split("::").map((half) => half === "" ? [] : groups(half));
  const [head, tail] = halves;
  if (!head || halves.length > 2 || halves.includes(undefined)) return undefined;
  if (!tail) return head.length === 16 ? head : undefined;
  const zeros = 16 - head.length - tail.length;
  return zeros >= 2 ? [...head, ...new Array<number>(zeros).fill(0), ...tail] : undefined;
}

function groups(text: string): number[] | undefined {
  const bytes: number[] = [];
  for (const group of text.split(":")) {
    const v4 = parseV4(group);
    if (v4) bytes.push(...v4);
    else if (/^[\da-f]{1,4}$/i.test(group)) {
      const value = parseInt(group, 16);
      bytes.push(value >>> 8, value & 0xff);
    } else return undefined;
  }
  return bytes;
}

function isMapped(bytes: readonly number[]): boolean {
  return bytes.length === 16 && bytes[10] === 0xff && bytes[11] === 0xff &&
    bytes.slice(0, 10).every((byte) => byte === 0);
}
