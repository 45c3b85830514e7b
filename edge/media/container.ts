/** What a unit of media is made of. `ogg` and `webm` are for continuous streams: HLS has neither. */
export type Container = "fmp4" | "ts" | "aac" | "mp3" | "ogg" | "webm";

const TS_PACKET_BYTES = 188;
const FMP4_BOXES = ["ftyp", "styp", "moof", "sidx", "emsg", "prft", "moov"];

/** What a media segment is, told from its first bytes; `undefined` if it is nothing that HLS carries. */
export function sniffContainer(bytes: Uint8Array): Container | undefined {
  const at = id3Bytes(bytes);
  if (FMP4_BOXES.includes(String.fromCharCode(...bytes.subarray(4, 8)))) return "fmp4";
  // ISO/IEC 13818-1 §2.4.3.2: every packet of 188 bytes starts with the sync byte 0x47.
  if (bytes[0] === 0x47 && (bytes.length === TS_PACKET_BYTES || bytes[TS_PACKET_BYTES] === 0x47)) {
    return "ts";
  }
  if (bytes[at] !== 0xff) return undefined;
  const second = bytes[at + 1] ?? 0;
  // Both start with sync bits; layer 00 is ADTS (ISO/IEC 14496-3 §1.A.2.2), else MPEG audio (11172-3 §2.4.2.3).
  if ((second & 0xf6) === 0xf0) return "aac";
  if ((second & 0xe0) === 0xe0 && (second & 0x06) !== 0) return "mp3";
  return undefined;
}

/** Bytes of the ID3 tag, if there is one, that packed audio carries its timestamp in (RFC 8216bis §3.1.4). */
export function id3Bytes(bytes: Uint8Array): number {
  if (bytes.length < 10 || String.fromCharCode(...bytes.subarray(0, 3)) !== "ID3") return 0;
  const size = bytes.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
  return 10 + size;
}
