/**
 * A grey picture of the wall clock that survives an encoder: big cells, dark or light, and a check. Noise
 * makes it as large as pictures are: muxers of WebM begin no cluster with a keyframe after a few bytes.
 */

export const CLOCK_WIDTH = 160;
export const CLOCK_HEIGHT = 96;
/** One byte of grey a pixel. */
export const CLOCK_BYTES = CLOCK_WIDTH * CLOCK_HEIGHT;

const COLUMNS = 5;
const ROWS = 4;
const CELL_WIDTH = CLOCK_WIDTH / COLUMNS;
const CELL_HEIGHT = CLOCK_HEIGHT / ROWS;
/** The clock counts ms and begins anew after this many: far more than any picture is late. */
const TURN_MS = 2 ** 16;
const DARK = 40;
const LIGHT = 180;
const NOISE = 32;

/** The time as 16 bits, and after them 4 that tell a picture that was read wrongly. */
function withCheck(value: number): number {
  const check = (value ^ value >> 4 ^ value >> 8 ^ value >> 12 ^ 0b1010) & 0xf;
  return value << 4 | check;
}

/** `atMs`: since 1970. */
export function drawClock(atMs: number): Uint8Array<ArrayBuffer> {
  const code = withCheck(Math.floor(atMs) % TURN_MS);
  const picture = new Uint8Array(CLOCK_BYTES);
  for (let at = 0; at < CLOCK_BYTES; at++) {
    const column = Math.floor((at % CLOCK_WIDTH) / CELL_WIDTH);
    const row = Math.floor(Math.floor(at / CLOCK_WIDTH) / CELL_HEIGHT);
    const bit = COLUMNS * ROWS - 1 - (row * COLUMNS + column);
    picture[at] = ((code >> bit & 1) === 1 ? LIGHT : DARK) + Math.random() * NOISE;
  }
  return picture;
}

/** How old the picture is at `nowMs`, ms; `undefined` for one that cannot be read. */
export function readClock(picture: Uint8Array, nowMs: number): number | undefined {
  let code = 0;
  for (let cell = 0; cell < COLUMNS * ROWS; cell++) {
    const x = (cell % COLUMNS + 0.5) * CELL_WIDTH;
    const y = (Math.floor(cell / COLUMNS) + 0.5) * CELL_HEIGHT;
    code = code << 1 | (picture[y * CLOCK_WIDTH + x]! > 127 ? 1 : 0);
  }
  const value = code >> 4;
  if (withCheck(value) !== code) return undefined;
  return (Math.floor(nowMs) % TURN_MS - value + TURN_MS) % TURN_MS;
}
