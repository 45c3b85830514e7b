import type { SourceWords } from "../channel_origin.ts";

/** What a source says of itself in its first request, as Icecast's sources do. */
export interface Station {
  readonly name?: string;
  readonly description?: string;
  readonly genre?: string;
  readonly url?: string;
  /** Whether it wants to be found in directories. */
  readonly public?: boolean;
  /** kbit/s, as it stands there. */
  readonly bitrate?: string;
  /** Such as `samplerate=44100;quality=10%2e0;channels=2`. */
  readonly audioInfo?: string;
}

const MAX_CHARACTERS = 300;

/** What the directory takes of it where the owner says nothing. */
export function wordsOf({ name, description, genre }: Station): SourceWords {
  return withoutAbsent({ title: name, description, genre });
}

/** Reads the `ice-*` headers; `icy-*` ones and old names of them are taken too. */
export function readStation(headers: Headers): Station {
  const text = (...names: string[]) => {
    const value = names.map((name) => headers.get(name)).find((one) => one);
    return value ? decodeText(value).slice(0, MAX_CHARACTERS) : undefined;
  };
  const listed = text("ice-public", "icy-pub");
  return withoutAbsent({
    name: text("ice-name", "icy-name"),
    description: text("ice-description", "icy-description"),
    genre: text("ice-genre", "icy-genre"),
    url: text("ice-url", "icy-url"),
    public: listed === undefined ? undefined : listed === "1",
    bitrate: text("ice-bitrate", "icy-br"),
    audioInfo: text("ice-audio-info"),
  });
}

/** Headers for listeners, RFC 9110 §5.5: bytes of UTF-8, a character a byte. */
export function stationHeaders(station: Station): Record<string, string> {
  const { name, description, genre, url, bitrate, audioInfo } = station;
  const all = withoutAbsent({
    "icy-name": name,
    "icy-description": description,
    "icy-genre": genre,
    "icy-url": url,
    "icy-pub": station.public === undefined ? undefined : station.public ? "1" : "0",
    "icy-br": bitrate,
    "ice-audio-info": audioInfo,
  });
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [name, encodeText(value)]),
  );
}

/** What was sent as UTF-8, or else as ISO-8859-1, in a text that has a character for every byte. */
function decodeText(text: string): string {
  if ([...text].some((character) => character > "\xff")) return text;
  return decodeBytes(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

/** UTF-8 where it can be that, else ISO-8859-1: sources send either, and seldom say which. */
export function decodeBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("iso-8859-1").decode(bytes);
  }
}

function encodeText(text: string): string {
  const printable = text.replace(/\p{Cc}/gu, " ");
  return String.fromCharCode(...new TextEncoder().encode(printable));
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutAbsent<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Present<T>;
}
