/** Whether decoding can begin with a movie fragment: sample flags of ISO/IEC 14496-12 §8.8.3.1. */
import { childBoxes, fieldsOf, findBox, needBox } from "../mp4_boxes.ts";

const NON_SYNC = 0x10000;

/** The flags that each track's samples have where a fragment says none (trex, §8.8.3). */
export function readDefaultFlags(init: Uint8Array): Map<number, number> {
  const found = new Map<number, number>();
  const mvex = findBox(init, ["moov", "mvex"]);
  for (const trex of mvex ? childBoxes(init, mvex) : []) {
    if (trex.type !== "trex") continue;
    const fields = fieldsOf(init, trex);
    fields.full();
    const track = fields.u32();
    fields.skip(12);
    found.set(track, fields.u32());
  }
  return found;
}

/** `undefined` if the track has no sample in the fragment. Throws `Mp4Error`. */
export function beginsWithKeyframe(
  fragment: Uint8Array,
  track: number,
  defaults: ReadonlyMap<number, number>,
): boolean | undefined {
  for (const traf of childBoxes(fragment, needBox(fragment, ["moof"]))) {
    if (traf.type !== "traf") continue;
    const header = fieldsOf(fragment, needBox(fragment, ["tfhd"], traf));
    const { flags } = header.full();
    if (header.u32() !== track) continue;
    // Base offset, description, duration and size come before the flags, §8.8.7.
    const before = [0x1, 0x1, 0x2, 0x8, 0x10].filter((flag) => (flags & flag) !== 0).length;
    header.skip(4 * before);
    const own = (flags & 0x20) !== 0 ? header.u32() : defaults.get(track) ?? 0;
    const trun = childBoxes(fragment, traf).find(({ type }) => type === "trun");
    if (!trun) continue;
    const run = fieldsOf(fragment, trun);
    const { flags: has } = run.full();
    if (run.u32() === 0) continue;
    if ((has & 0x1) !== 0) run.skip(4);
    if ((has & 0x4) !== 0) return (run.u32() & NON_SYNC) === 0;
    if ((has & 0x400) === 0) return (own & NON_SYNC) === 0;
    run.skip(4 * [0x100, 0x200].filter((flag) => (has & flag) !== 0).length);
    return (run.u32() & NON_SYNC) === 0;
  }
  return undefined;
}
