import { elementsIn, readElement, readUnsigned } from "./ebml.ts";
import { malformed } from "./stream_error.ts";
import type { WebmTrack } from "./webm_tracks.ts";

/** What is in a cluster, RFC 9559 §5.1.3. Times are in ticks of the segment. */
export interface ClusterContent {
  readonly timestamp: number;
  /** Where it ends, and something else begins. */
  readonly end: number;
  /** It begins with a keyframe, where there are pictures. */
  readonly opens: boolean;
  /** How long it lasts, by its own blocks. */
  readonly estimate: number;
}

const TIMESTAMP = 0xe7;
const SIMPLE_BLOCK = 0xa3;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const REFERENCE = 0xfb;
const KEYFRAME = 0x80;
/** IDs of four bytes are of elements that contain clusters or stand beside them. */
const LEAST_OUTER_ID = 0x10000000;

/**
 * Reads the cluster at `at`; `undefined` where more bytes are needed. `headOnly` is content with the
 * timestamp. `ended`: there are no more bytes, what is whole is all.
 */
export function readCluster(
  bytes: Uint8Array,
  at: number,
  tracks: readonly WebmTrack[],
  ended: boolean,
  headOnly = false,
): ClusterContent | undefined {
  const { header, size } = readElement(bytes, at)!;
  const limit = size === undefined ? Infinity : at + header + size;
  const pictures = tracks.find(({ video }) => video)?.number;
  const times: number[] = [];
  let timestamp: number | undefined;
  let opens: boolean | undefined = pictures === undefined ? true : undefined;
  let end = at + header;
  while (end < limit) {
    const element = readElement(bytes, end);
    if (element && size === undefined && element.id >= LEAST_OUTER_ID) break;
    const next = end + (element?.header ?? 0) + (element?.size ?? 0);
    if (!element || next > bytes.length) {
      if (ended && size === undefined && !headOnly && timestamp !== undefined) break;
      return undefined;
    }
    if (element.size === undefined) throw malformed("an element in a cluster has no size");
    if (next > limit) throw malformed("a cluster of WebM is shorter than what is in it");
    const content = bytes.subarray(end + element.header, next);
    end = next;
    if (element.id === TIMESTAMP) timestamp = readUnsigned(content);
    if (headOnly && timestamp !== undefined) break;
    const block = readBlock(element.id, content);
    if (!block) continue;
    if (block.track === (pictures ?? tracks[0]!.number)) {
      times.push(block.time);
      opens ??= block.keyframe;
    }
  }
  if (timestamp === undefined) throw malformed("a cluster of WebM does not say when it begins");
  return { timestamp, end, opens: opens ?? false, estimate: spanOf(times) };
}

/** From zero to the end of the last block, if it lasts as long as the others did on average. */
function spanOf(times: readonly number[]): number {
  const last = times.reduce((a, b) => Math.max(a, b), 0);
  const first = times.reduce((a, b) => Math.min(a, b), last);
  return last + (times.length > 1 ? (last - first) / (times.length - 1) : 0);
}

/** Track, time after the cluster's, and whether decoding can begin with it; §10.1 and §10.2. */
function readBlock(
  id: number,
  content: Uint8Array,
): { track: number; time: number; keyframe: boolean } | undefined {
  if (id === SIMPLE_BLOCK) return readBlockHead(content);
  if (id !== BLOCK_GROUP) return undefined;
  const inside = [...elementsIn(content)];
  const block = inside.find((one) => one.id === BLOCK);
  const keyframe = !inside.some((one) => one.id === REFERENCE);
  return block && { ...readBlockHead(block.content), keyframe };
}

function readBlockHead(block: Uint8Array) {
  const [first = 0] = block;
  const length = Math.clz32(first) - 23;
  if (length > 8 || block.length < length + 3) throw malformed("a block of WebM is too short");
  const track = (first & (0xff >> length)) * 256 ** (length - 1) +
    readUnsigned(block.subarray(1, length));
  const view = new DataView(block.buffer, block.byteOffset + length, 3);
  return { track, time: view.getInt16(0), keyframe: (view.getUint8(2) & KEYFRAME) !== 0 };
}
