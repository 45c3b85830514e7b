/** Artist and title out of the comments of an Ogg stream's headers. */

const MAX_COMMENTS = 200;

/**
 * Reads what an encoder put there: Vorbis I §5.2.1, RFC 7845 §5.2. `undefined` where there is no
 * title, or where the comments go over several pages.
 */
export function readOggTitle(init: Uint8Array): string | undefined {
  const at = findMagic(init, "\x03vorbis") ?? findMagic(init, "OpusTags");
  if (at === undefined) return undefined;
  const comments = readComments(init.subarray(at));
  const title = comments.get("TITLE");
  const artist = comments.get("ARTIST");
  return title && artist ? `${artist} - ${title}` : title;
}

function readComments(bytes: Uint8Array): Map<string, string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<string, string>();
  let at = 0;
  const number = () => {
    const value = at + 4 <= bytes.length ? view.getUint32(at, true) : Infinity;
    at += 4;
    return value;
  };
  const vendorBytes = number();
  at += vendorBytes;
  const count = Math.min(number(), MAX_COMMENTS);
  for (let index = 0; index < count; index++) {
    const length = number();
    if (at + length > bytes.length) break;
    const [, name = "", value = ""] =
      /^([^=]*)=(.*)$/s.exec(new TextDecoder().decode(bytes.subarray(at, at + length))) ?? [];
    found.set(name.toUpperCase(), value);
    at += length;
  }
  return found;
}

/** Where `text` ends. */
function findMagic(bytes: Uint8Array, text: string): number | undefined {
  const codes = [...text].map((character) => character.charCodeAt(0));
  for (let at = bytes.indexOf(codes[0]!); at >= 0; at = bytes.indexOf(codes[0]!, at + 1)) {
    if (codes.every((code, i) => bytes[at + i] === code)) return at + codes.length;
  }
  return undefined;
}
