import { type Box, childBoxes, fieldsOf, needBox } from "./mp4_boxes.ts";

/**
 * The init segment without the times at which it was written (ISO/IEC 14496-12 §8.2.2, §8.3.2,
 * §8.4.2): what is made of the same media twice is then the same. Throws `Mp4Error`.
 */
export function withoutDates(init: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = init.slice();
  const moov = needBox(copy, ["moov"]);
  clear(copy, needBox(copy, ["mvhd"], moov));
  for (const trak of childBoxes(copy, moov).filter(({ type }) => type === "trak")) {
    clear(copy, needBox(copy, ["tkhd"], trak));
    clear(copy, needBox(copy, ["mdia", "mdhd"], trak));
  }
  return copy;
}

/** Creation and modification time come first in each of these. */
function clear(bytes: Uint8Array, box: Box): void {
  const fields = fieldsOf(bytes, box);
  const { version } = fields.full();
  const from = fields.at;
  fields.skip(version === 1 ? 16 : 8);
  bytes.fill(0, from, fields.at);
}
