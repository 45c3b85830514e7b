import { type Atom, type Framer, initAtom, mediaAtom } from "./atom.ts";
import { elementsIn, readElement, readUnsigned } from "./ebml.ts";
import { malformed } from "./stream_error.ts";
import { readCluster } from "./webm_cluster.ts";
import { readWebmTracks, type WebmTrack } from "./webm_tracks.ts";

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TRACKS = 0x1654ae6b;
const CLUSTER = 0x1f43b675;
const TIMESTAMP_SCALE = 0x2ad7b1;
/** ns, RFC 9559 §5.1.2.9. */
const DEFAULT_SCALE = 1_000_000;
const NS_PER_MS = 1_000_000;

/**
 * WebM as it is sent live: a segment of unknown size, clusters with or without theirs. How long a
 * cluster lasts is known when the next one says when it begins; one whose end is known is not kept
 * waiting for that: it lasts as long as its blocks do, and the next one makes up for what was amiss.
 */
export function createWebmFramer(): Framer {
  let tracks: readonly WebmTrack[] = [];
  let scale = DEFAULT_SCALE;
  /** Whether this stream's first cluster is still to come. */
  let beginning = false;
  /** The end of the clusters so far, as it was reckoned, in ticks. */
  let reckoned: number | undefined;

  /** An element that is no cluster, whole. */
  function other(id: number, bytes: Uint8Array, header: number): Atom {
    const content = bytes.subarray(header);
    if (id === EBML) {
      beginning = true;
      tracks = [];
      scale = DEFAULT_SCALE;
      reckoned = undefined;
    }
    if (!beginning) return mediaAtom(bytes.length, 0, false);
    if (id === TRACKS) tracks = readWebmTracks(content);
    if (id === INFO) {
      for (const { id, content: value } of elementsIn(content)) {
        if (id === TIMESTAMP_SCALE) scale = readUnsigned(value) || DEFAULT_SCALE;
      }
    }
    return initAtom(bytes.length);
  }

  function cluster(bytes: Uint8Array, size: number | undefined, ended: boolean): Atom | undefined {
    if (tracks.length === 0) throw malformed("a cluster comes before the tracks of WebM");
    const found = readCluster(bytes, 0, tracks, ended);
    if (!found) return undefined;
    const { timestamp, opens } = found;
    let end = timestamp + found.estimate;
    if (size === undefined && !ended) {
      const follows = readElement(bytes, found.end);
      if (!follows) return undefined;
      if (follows.id === CLUSTER) {
        const next = readCluster(bytes, found.end, tracks, ended, true);
        if (!next) return undefined;
        end = next.timestamp;
      }
    }
    const length = Math.max(0, end - (reckoned ?? timestamp));
    reckoned = end;
    beginning = false;
    return mediaAtom(found.end, length * scale / NS_PER_MS, opens);
  }

  function take(bytes: Uint8Array, ended: boolean): Atom | undefined {
    const element = readElement(bytes, 0);
    if (!element) return undefined;
    const { id, header, size } = element;
    if (!beginning && tracks.length === 0 && id !== EBML) {
      throw malformed("WebM does not begin with its header");
    }
    if (id === CLUSTER) return cluster(bytes, size, ended);
    if (id === SEGMENT) return beginning ? initAtom(header) : mediaAtom(header, 0, false);
    if (size === undefined) throw malformed("an element of WebM has no size");
    if (bytes.length < header + size) return undefined;
    return other(id, bytes.subarray(0, header + size), header);
  }

  return { next: (bytes) => take(bytes, false), last: (bytes) => take(bytes, true) };
}
