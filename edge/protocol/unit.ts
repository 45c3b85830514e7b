import type { ByteReader, ByteWriter } from "./bytes.ts";

/**
 * What one ledger entry names: a segment, or a part of one.
 * The epoch rises when a source's timeline restarts; within a channel's life sequence numbers never go back.
 */
export interface Unit {
  /** 0 … 2³²−1 */
  readonly epoch: number;
  /** 0 … 255, as in the channel's description */
  readonly rendition: number;
  /** 0 … 2⁴⁸−1 */
  readonly sequence: number;
  /** 0 … 254, or `WHOLE` for the segment itself */
  readonly part: number;
}

export const WHOLE = 255;
export const UNIT_BYTES = 12;

/** A text that is equal for equal units. */
export function unitKey(unit: Unit): string {
  const part = unit.part === WHOLE ? "" : `.${unit.part}`;
  return `${unit.epoch}.${unit.rendition}.${unit.sequence}${part}`;
}

/** The unit behind a key, or `undefined` where the text is none. */
export function parseUnitKey(key: string): Unit | undefined {
  const match = /^(\d{1,10})\.(\d{1,3})\.(\d{1,15})(?:\.(\d{1,3}))?$/.exec(key);
  if (!match) return undefined;
  const [epoch, rendition, sequence] = match.slice(1, 4).map(Number) as [number, number, number];
  const part = match[4] === undefined ? WHOLE : Number(match[4]);
  const unit = { epoch, rendition, sequence, part };
  const sound = epoch < 2 ** 32 && rendition < 2 ** 8 && sequence < 2 ** 48 && part <= WHOLE;
  return sound && unitKey(unit) === key ? unit : undefined;
}

export function writeUnit(to: ByteWriter, unit: Unit): ByteWriter {
  return to.u32(unit.epoch).u8(unit.rendition).u48(unit.sequence).u8(unit.part);
}

export function readUnit(from: ByteReader): Unit {
  return { epoch: from.u32(), rendition: from.u8(), sequence: from.u48(), part: from.u8() };
}
