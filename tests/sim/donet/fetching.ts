/** DONet has no edge to turn to; here it has the same as the engine of `web/swarm`, asked just in time. */
import { pieceSpan } from "../../../edge/protocol/pieces.ts";
import { type Unit, unitKey } from "../../../edge/protocol/unit.ts";
import type { Node, Stored } from "./node.ts";

export function openDemand<P>(node: Node<P>, id: number, unit: Unit, deadlineMs: number): boolean {
  const key = unitKey(unit);
  if (!node.units.has(key)) {
    node.outputs.push({ type: "decline", demand: id, reason: "not in the window" });
    return false;
  }
  node.demands.set(id, { key, deadlineMs, delivered: 0 });
  return true;
}

/** Asks the edge for what is missing where the deadline is near. Answers when to look again, ms. */
export function meetDeadlines<P>(node: Node<P>): number {
  let wakeMs = Infinity;
  for (const [id, { key, deadlineMs }] of node.demands) {
    const unit = node.units.get(key);
    if (!unit) {
      node.demands.delete(id);
      node.outputs.push({ type: "decline", demand: id, reason: "not in the window" });
      continue;
    }
    const nearMs = node.partners.size > 0 ? deadlineMs - node.edge.leadMs() : 0;
    const dueMs = Math.max(nearMs, node.edge.pausedUntilMs);
    if (dueMs <= node.nowMs) fetchMissing(node, unit);
    else wakeMs = Math.min(wakeMs, dueMs);
  }
  return wakeMs;
}

function fetchMissing<P>(node: Node<P>, unit: Stored<P>): void {
  for (let from = 0; from < unit.count; from++) {
    const isMissing = (index: number) =>
      unit.pieces[index] === undefined && !unit.fetching.has(index);
    let to = from;
    while (to < unit.count && isMissing(to)) unit.fetching.add(to++);
    if (to === from) continue;
    const fetch = ++node.lastFetch;
    node.fetches.set(fetch, { key: unit.key, sinceMs: node.nowMs });
    const pieces = { from, to };
    node.outputs.push({ type: "fetch", fetch, entry: unit.entry, pieces, purpose: "fallback" });
    from = to;
  }
}

export function onFetched<P>(node: Node<P>, fetch: number, index: number, payload: P): void {
  const unit = unitOf(node, fetch);
  if (unit) check(node, unit, index, payload);
}

export function onFetchEnded<P>(node: Node<P>, fetch: number, complete: boolean): void {
  const unit = unitOf(node, fetch);
  const under = node.fetches.get(fetch);
  node.fetches.delete(fetch);
  if (!under) return;
  if (complete) return node.edge.succeeded(node.nowMs - under.sinceMs);
  node.edge.failed(node.nowMs);
  // What other fetches bring is asked for twice then; after a failure nothing comes anyway.
  unit?.fetching.clear();
}

function unitOf<P>(node: Node<P>, fetch: number): Stored<P> | undefined {
  const under = node.fetches.get(fetch);
  return under && node.units.get(under.key);
}

/** Sends a piece through its check. */
export function check<P>(node: Node<P>, unit: Stored<P>, index: number, payload: P): void {
  const digests = new Uint8Array();
  node.outputs.push({ type: "checkPiece", unit: unit.entry.unit, index, payload, digests });
}

/** Bytes of one piece. */
export function bytesOf({ entry }: Stored<unknown>, index: number): number {
  const { from, to } = pieceSpan(entry, index);
  return to - from;
}
