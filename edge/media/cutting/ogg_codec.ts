import { malformed, unsupported } from "./stream_error.ts";

export interface OggCodec {
  readonly name: "vorbis" | "opus";
  /** Of granule positions, Hz. */
  readonly sampleRate: number;
  /** Packets before the first one with sound. */
  readonly headerPackets: number;
}

/** Vorbis I §4.2: identification, comments, codebooks. */
const VORBIS_HEADERS = 3;
/** RFC 7845 §3 and §4: granule positions count at 48 kHz whatever the input was. */
const OPUS_HEADERS = 2;
const OPUS_RATE = 48_000;
/** Where the identification header of Vorbis has its sample rate, §4.2.2. */
const VORBIS_RATE_AT = 12;

/** What a logical stream is, from its first packet. Throws `CodedError`. */
export function readOggCodec(packet: Uint8Array): OggCodec {
  if (startsWith(packet, "\x01vorbis")) {
    if (packet.length < VORBIS_RATE_AT + 4) throw malformed("the header of Vorbis is too short");
    const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
    const sampleRate = view.getUint32(VORBIS_RATE_AT, true);
    if (sampleRate === 0) throw malformed("Vorbis has no sample rate");
    return { name: "vorbis", sampleRate, headerPackets: VORBIS_HEADERS };
  }
  if (startsWith(packet, "OpusHead")) {
    return { name: "opus", sampleRate: OPUS_RATE, headerPackets: OPUS_HEADERS };
  }
  const known = Object.entries(OTHERS).find(([magic]) => startsWith(packet, magic));
  throw unsupported(known?.[1] ?? "This codec in Ogg");
}

const OTHERS: Record<string, string> = {
  "\x7fFLAC": "FLAC in Ogg",
  "\x80theora": "Theora",
  "fishead": "Ogg Skeleton",
  "Speex   ": "Speex",
};

function startsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((character, at) => bytes[at] === character.charCodeAt(0));
}
