/** What the script tag's `data-*` attributes say. A bad value is warned of and the default taken. */
export interface TagOptions {
  /** Absolute URL of the edge, ending in a slash. */
  readonly edge: string;
  /** Path of the worker file on the page's own origin. */
  readonly worker: string;
  /** CSS selector of the media elements. */
  readonly elements: string;
  /** For elements whose address does not name the channel, such as those of player libraries. */
  readonly channel: string | undefined;
  /** The site's word: whether its viewers' uplinks may be used at all. */
  readonly upload: boolean;
  /** bytes/s; `undefined`: a multiple of the stream's rate. */
  readonly uploadCap: number | undefined;
  /** bytes */
  readonly cacheBytes: number;
  /** Whether a film goes on where its viewer left it. */
  readonly resume: boolean;
}

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;
const UNITS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };

/**
 * Reads `data-edge`, `data-worker`, `data-video`, `data-channel`, `data-upload` (`on`, `off`),
 * `data-upload-cap` (bits per second, such as `2M`), `data-cache` (bytes, such as `64M`) and
 * `data-resume` (`on`, `off`).
 */
export function readTagOptions(
  data: Readonly<Record<string, string | undefined>>,
  scriptUrl: string,
  warn: (text: string) => void,
): TagOptions {
  function read<T>(name: string, parse: (text: string) => T | undefined, fallback: T): T {
    const text = data[name];
    if (text === undefined) return fallback;
    const value = parse(text.trim());
    if (value !== undefined) return value;
    const attribute = `data-${name.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase())}`;
    warn(`tributary: ${attribute}="${text}" is not understood, and so ignored`);
    return fallback;
  }
  const uploadCap = read<number | undefined>("uploadCap", parseAmount, undefined);
  return {
    edge: read("edge", parseUrl, new URL("./", scriptUrl).href),
    worker: read("worker", (text) => text || undefined, "/sw.js"),
    elements: read("video", (text) => text || undefined, "video, audio"),
    channel: read<string | undefined>("channel", (text) => text || undefined, undefined),
    upload: read("upload", parseSwitch, true),
    uploadCap: uploadCap === undefined ? undefined : uploadCap / 8,
    cacheBytes: read("cache", parseAmount, DEFAULT_CACHE_BYTES),
    resume: read("resume", parseSwitch, true),
  };
}

/** `2M` → 2,000,000 */
export function parseAmount(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([kmg]?)$/i.exec(text);
  return match ? Number(match[1]) * UNITS[match[2]!.toLowerCase()]! : undefined;
}

function parseSwitch(text: string): boolean | undefined {
  // Of any case, as the values of HTML's own attributes are.
  if (/^(on|true)$/i.test(text)) return true;
  return /^(off|false)$/i.test(text) ? false : undefined;
}

function parseUrl(text: string): string | undefined {
  const url = URL.parse(text.endsWith("/") ? text : text + "/");
  return url && /^https?:[^?#]+$/.test(url.href) ? url.href : undefined;
}
