/** Where the bytes of one connection come from, in order. */
export interface ByteSource {
  /** The next bytes, at least one; `undefined` at the end. */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Gives back what was read too far. */
  unread(bytes: Uint8Array<ArrayBuffer>): void;
}

/** The body of a message, RFC 9112 §6; `undefined` at its end. Throws if the connection ends before it. */
export type BodyReader = () => Promise<Uint8Array<ArrayBuffer> | undefined>;

/** How the body's end is told: by its length in bytes, by chunks, or by the connection's end. */
export type Framing = number | "chunked" | "until-close";

const LINE_FEED = 10;
/** A size line may carry extensions, RFC 9112 §7.1.1. */
const MAX_LINE_BYTES = 1024;

export function readBody(source: ByteSource, framing: Framing): BodyReader {
  if (framing === "chunked") return chunked(source);
  return framing === "until-close" ? () => source.read() : exactly(source, framing);
}

function exactly(source: ByteSource, length: number): BodyReader {
  let left = length;
  return async () => {
    if (left === 0) return undefined;
    const bytes = await source.read();
    if (!bytes) throw new Error("the connection ended in the middle of a body");
    const own = bytes.subarray(0, left);
    if (own.length < bytes.length) source.unread(bytes.subarray(own.length));
    left -= own.length;
    return own;
  };
}

/** RFC 9112 §7.1. Trailers are read and thrown away. */
function chunked(source: ByteSource): BodyReader {
  let chunk: BodyReader | undefined;
  let first = true;
  let ended = false;
  return async () => {
    for (;;) {
      if (ended) return undefined;
      const bytes = await chunk?.();
      if (bytes) return bytes;
      // The line break that ends a chunk's data.
      if (!first && await readLine(source) !== "") {
        throw new Error("a chunk is longer than it says");
      }
      first = false;
      const line = await readLine(source);
      const size = /^[0-9a-f]{1,8}(?=[;\s]|$)/i.exec(line)?.[0];
      if (size === undefined) throw new Error("a chunk does not begin with its size");
      chunk = exactly(source, parseInt(size, 16));
      if (parseInt(size, 16) > 0) continue;
      while (await readLine(source) !== "");
      ended = true;
    }
  };
}

/** A line without its end. */
async function readLine(source: ByteSource): Promise<string> {
  let line = "";
  for (;;) {
    const bytes = await source.read();
    if (!bytes) throw new Error("the connection ended in the middle of a body");
    const end = bytes.indexOf(LINE_FEED);
    line += String.fromCharCode(...bytes.subarray(0, end < 0 ? MAX_LINE_BYTES : end));
    if (line.length > MAX_LINE_BYTES) throw new Error("a line is too long");
    if (end < 0) continue;
    if (end + 1 < bytes.length) source.unread(bytes.subarray(end + 1));
    return line.replace(/\r$/, "");
  }
}
