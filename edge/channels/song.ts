import { decodeBytes } from "../origin/radio/station.ts";

const MAX_CHARACTERS = 500;

/**
 * The title that a source of Icecast tells by `/admin/metadata?mode=updinfo&song=…`; `undefined`
 * where there is none. The bytes of it are UTF-8 or ISO-8859-1: `charset` says which, or else what
 * they can be.
 */
export function readSong(url: string): string | undefined {
  const fields = new Map(
    url.slice(url.indexOf("?") + 1).replace(/#.*$/s, "").split("&").map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return [name, value.join("=")] as const;
    }),
  );
  const song = fields.get("song") ?? joined(fields.get("artist"), fields.get("title"));
  if (song === undefined) return undefined;
  const bytes = percentDecoded(song);
  const latin = /^iso-?8859-?1$|^latin-?1$/i.test(fields.get("charset") ?? "");
  const text = latin ? new TextDecoder("iso-8859-1").decode(bytes) : decodeBytes(bytes);
  return text.trim().slice(0, MAX_CHARACTERS);
}

function joined(artist: string | undefined, title: string | undefined): string | undefined {
  return artist && title ? `${artist}%20-%20${title}` : title;
}

function percentDecoded(text: string): Uint8Array {
  const spaced = text.replaceAll("+", " ");
  const bytes: number[] = [];
  for (let at = 0; at < spaced.length; at++) {
    const hex = /^%([0-9a-f]{2})/i.exec(spaced.slice(at, at + 3))?.[1];
    if (hex === undefined) bytes.push(...new TextEncoder().encode(spaced[at]));
    else bytes.push(parseInt(hex, 16));
    if (hex !== undefined) at += 2;
  }
  return Uint8Array.from(bytes);
}
