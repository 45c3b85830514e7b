import { createFrameFramer, type FrameHeader, HEADER_BYTES } from "./audio_frames.ts";

/** AAC in ADTS, ISO/IEC 14496-3 §1.A.2.2. */
export const createAdtsFramer = () => createFrameFramer(readAdtsHeader);

/** Hz, §1.6.3.4 */
const SAMPLE_RATES = [
  96_000,
  88_200,
  64_000,
  48_000,
  44_100,
  32_000,
  24_000,
  22_050,
  16_000,
  12_000,
  11_025,
  8_000,
  7_350,
];
const SAMPLES_PER_BLOCK = 1024;

export function readAdtsHeader(bytes: Uint8Array, at: number): FrameHeader | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0, seventh = 0] = bytes
    .subarray(at, at + HEADER_BYTES);
  if (first !== 0xff || (second & 0xf6) !== 0xf0) return undefined;
  const sampleRate = SAMPLE_RATES[(third >> 2) & 15];
  const length = (fourth & 3) << 11 | fifth << 3 | sixth >> 5;
  if (sampleRate === undefined || length < HEADER_BYTES) return undefined;
  const blocks = (seventh & 3) + 1;
  return {
    bytes: length,
    durationMs: blocks * SAMPLES_PER_BLOCK * 1000 / sampleRate,
    // All but the private bit, which is anyone's.
    signature: second << 8 | (third & 0xfd),
  };
}
