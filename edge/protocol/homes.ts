/**
 * The substreams that a peer is at home in: it gives its uplink to these, to many children each, and
 * is a leaf in the others. So few peers stand between the source and anyone, as in SplitStream
 * (Castro et al., SOSP 2003), where each peer is an inner node of one of the trees only.
 */

/** Whether a peer that is at home in `homes` of `runs` substreams is so in this one; in parity nobody is. */
export function isHome(peer: string, run: number, runs: number, homes: number): boolean {
  return run < runs && (run - firstHome(peer, runs) + runs) % runs < homes;
}

/** Spread evenly by the peer's id (FNV-1a). */
function firstHome(peer: string, runs: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < peer.length; at++) hash = Math.imul(hash ^ peer.charCodeAt(at), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % runs;
}
