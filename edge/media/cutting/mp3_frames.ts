import { createFrameFramer, type FrameHeader } from "./audio_frames.ts";

/** MPEG audio, layers I to III: ISO/IEC 11172-3 §2.4, 13818-3 §2.4, and the unofficial version 2.5. */
export const createMp3Framer = () => createFrameFramer(readMp3Header);

const V1 = 3;
/** Hz, of version 1; half of it in version 2, a quarter in 2.5. */
const SAMPLE_RATES = [44_100, 48_000, 32_000];
const RATE_DIVISORS: Record<number, number> = { [V1]: 1, 2: 2, 0: 4 };
/** kbit/s. */
const V1_LAYER_1 = [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448];
const V1_LAYER_2 = [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
const V1_LAYER_3 = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const V2_LAYER_1 = [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256];
const V2_LAYER_23 = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

/** The header at `at`; `undefined` for what is none, and for the free format, whose length nothing tells. */
export function readMp3Header(bytes: Uint8Array, at: number): FrameHeader | undefined {
  const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return undefined;
  const version = (second >> 3) & 3;
  const layer = 4 - ((second >> 1) & 3);
  const rate = SAMPLE_RATES[(third >> 2) & 3];
  const divisor = RATE_DIVISORS[version];
  if (layer === 4 || rate === undefined || divisor === undefined) return undefined;
  const kilobits = bitratesOf(version, layer)[(third >> 4) - 1];
  if (kilobits === undefined) return undefined;
  const sampleRate = rate / divisor;
  const samples = layer === 1 ? 384 : layer === 3 && version !== V1 ? 576 : 1152;
  // A slot is 4 bytes in layer I and one in the others, §2.4.3.1.
  const slot = layer === 1 ? 4 : 1;
  const slots = Math.floor(samples / 8 * kilobits * 1000 / sampleRate / slot);
  return {
    bytes: (slots + ((third >> 1) & 1)) * slot,
    durationMs: samples * 1000 / sampleRate,
    signature: (second & 0xfe) << 8 | (third & 0x0c),
  };
}

function bitratesOf(version: number, layer: number): readonly number[] {
  if (version !== V1) return layer === 1 ? V2_LAYER_1 : V2_LAYER_23;
  return layer === 1 ? V1_LAYER_1 : layer === 2 ? V1_LAYER_2 : V1_LAYER_3;
}
