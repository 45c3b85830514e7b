/** By what the viewers and segments of a world are found. */

/** The number of a viewer, from his id, and the other way round. */
export function indexOf(peer: string): number {
  return Number(peer.slice(ID_PREFIX.length));
}

export function idOf(index: number): string {
  return ID_PREFIX + String(index).padStart(16, "0");
}

const ID_PREFIX = "peer";

/** Names a segment among those of a world; for rendition 0 it is the sequence. */
export function segmentKey({ rendition, sequence }: { rendition: number; sequence: number }) {
  return rendition * 2 ** 32 + sequence;
}
