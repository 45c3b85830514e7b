import { type Atom, type Framer, initAtom, junkAtom, mediaAtom } from "./atom.ts";
import { type OggCodec, readOggCodec } from "./ogg_codec.ts";
import { malformed, unsupported } from "./stream_error.ts";

const CAPTURE = [0x4f, 0x67, 0x67, 0x53]; // OggS
const PAGE_HEADER_BYTES = 27;
const CONTINUED = 1;
const FIRST_PAGE = 2;
/** A page that is said to last longer has jumped in time instead, ms. */
const LONGEST_PAGE_MS = 60_000;

interface Page {
  readonly bytes: number;
  readonly body: number;
  readonly flags: number;
  /** Samples up to the end of its last packet; −1 if no packet ends in it. */
  readonly granule: bigint;
  readonly serial: number;
  /** How many packets end in it. */
  readonly packets: number;
}

/**
 * Pages of Ogg, RFC 3533 §6, with one logical stream of Vorbis or Opus at a time. Streams may follow
 * each other (chaining, §4): encoders begin a new one for every title.
 */
export function createOggFramer(): Framer {
  let codec: OggCodec | undefined;
  let serial = 0;
  let headersLeft = 0;
  let position: bigint | undefined;

  function begin(page: Page, body: Uint8Array): Atom {
    if (headersLeft > 0) throw unsupported("Ogg with several streams side by side");
    codec = readOggCodec(body);
    serial = page.serial;
    headersLeft = codec.headerPackets - page.packets;
    position = 0n;
    return initAtom(page.bytes);
  }

  function media({ bytes, flags, granule, packets }: Page, { sampleRate }: OggCodec): Atom {
    const ends = packets > 0 && granule >= 0n;
    const lengthMs = ends ? Number(granule - (position ?? granule)) * 1000 / sampleRate : 0;
    if (ends) position = granule;
    const sound = lengthMs >= 0 && lengthMs <= LONGEST_PAGE_MS;
    return mediaAtom(bytes, sound ? lengthMs : 0, (flags & CONTINUED) === 0);
  }

  function next(bytes: Uint8Array): Atom | undefined {
    const at = findCapture(bytes);
    if (at > 0) return junkAtom(at);
    const page = readPage(bytes);
    if (!page) return undefined;
    if ((page.flags & FIRST_PAGE) !== 0) return begin(page, bytes.subarray(page.body, page.bytes));
    // Without its beginning nothing of a stream can be played.
    if (!codec) return junkAtom(page.bytes);
    if (page.serial !== serial) throw malformed("a page belongs to a stream that has not begun");
    if (headersLeft === 0) return media(page, codec);
    headersLeft -= page.packets;
    if (headersLeft < 0) throw malformed("sound begins in a page of headers");
    return initAtom(page.bytes);
  }

  return { next, last: next };
}

/** Where a page begins or, at the end of `bytes`, might; all of them if nowhere. */
function findCapture(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(CAPTURE[0]!); at >= 0; at = bytes.indexOf(CAPTURE[0]!, at + 1)) {
    if (CAPTURE.every((byte, i) => at + i >= bytes.length || bytes[at + i] === byte)) return at;
  }
  return bytes.length;
}

function readPage(bytes: Uint8Array): Page | undefined {
  if (bytes.length < PAGE_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(4) !== 0) throw malformed("an Ogg page has a version that does not exist");
  const body = PAGE_HEADER_BYTES + view.getUint8(26);
  if (bytes.length < body) return undefined;
  const lacing = bytes.subarray(PAGE_HEADER_BYTES, body);
  const length = body + lacing.reduce((sum, value) => sum + value, 0);
  if (bytes.length < length) return undefined;
  return {
    bytes: length,
    body,
    flags: view.getUint8(5),
    granule: view.getBigInt64(6, true),
    serial: view.getUint32(14, true),
    packets: lacing.reduce((count, value) => count + (value < 255 ? 1 : 0), 0),
  };
}
