/** Formats in MPEG-TS that no browser plays, by stream type (ISO/IEC 13818-1 table 2-34, SMPTE RP 227). */
const UNPLAYABLE: Readonly<Record<number, string>> = {
  0x01: "MPEG-1 video",
  0x02: "MPEG-2 video",
  0x10: "MPEG-4 Visual",
  0x21: "JPEG 2000",
  0x42: "AVS video",
  0x52: "AVS2 video",
  0xd1: "Dirac",
  0xea: "VC-1",
};
const PACKET_BYTES = 188;
const PAT_PID = 0;
/** Of a section, before what it lists, and the checksum after that. */
const SECTION_HEAD_BYTES = 8;
const CRC_BYTES = 4;

/**
 * What no browser plays in whole packets of MPEG-TS, by its name; `undefined` if there is nothing like that,
 * or if they do not say what they are made of.
 */
export function unplayableInTs(bytes: Uint8Array): string | undefined {
  const programs = firstSection(bytes, PAT_PID);
  for (let at = 0; programs && at + 4 <= programs.length; at += 4) {
    // Number 0 is the network's.
    if (word(programs, at) === 0) continue;
    const types = streamTypes(bytes, word(programs, at + 2) & 0x1fff);
    const found = types.find((type) => UNPLAYABLE[type] !== undefined);
    if (found !== undefined) return UNPLAYABLE[found];
  }
  return undefined;
}

/** Of the program whose map is in packets of `pid`, ISO/IEC 13818-1 §2.4.4.8. */
function streamTypes(bytes: Uint8Array, pid: number): number[] {
  const map = firstSection(bytes, pid);
  if (!map || map.length < 4) return [];
  const types: number[] = [];
  let at = 4 + (word(map, 2) & 0x0fff);
  while (at + 5 <= map.length) {
    types.push(map[at]!);
    at += 5 + (word(map, at + 3) & 0x0fff);
  }
  return types;
}

/** What the first section on `pid` lists, if it is within one packet, as these mostly are. */
function firstSection(bytes: Uint8Array, pid: number): Uint8Array | undefined {
  for (let at = 0; at + PACKET_BYTES <= bytes.length; at += PACKET_BYTES) {
    const packet = bytes.subarray(at, at + PACKET_BYTES);
    const begins = (packet[1]! & 0x40) !== 0;
    if (!begins || (word(packet, 1) & 0x1fff) !== pid) continue;
    const adaptation = (packet[3]! & 0x20) === 0 ? 0 : 1 + packet[4]!;
    const pointer = 4 + adaptation;
    const section = packet.subarray(pointer + 1 + (packet[pointer] ?? 0));
    if (section.length < SECTION_HEAD_BYTES) return undefined;
    const end = 3 + (word(section, 1) & 0x0fff) - CRC_BYTES;
    return end > section.length ? undefined : section.subarray(SECTION_HEAD_BYTES, end);
  }
  return undefined;
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! << 8 | bytes[at + 1]!;
}
