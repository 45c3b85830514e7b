import { type Unit, unitKey } from "../../../edge/protocol/unit.ts";
import { type Node, type Partner, send } from "./node.ts";
import { PATIENCE_MS } from "./pulling.ts";

/** Pieces on their way to a partner at a time: enough to keep its link busy. */
const SENDING_PIECES = 2;

/** A node sends what it is asked for, to each partner in the order in which it was asked. */
export function onWant<P>(
  node: Node<P>,
  peer: string,
  name: Unit,
  pieces: readonly number[],
): void {
  const unit = node.units.get(unitKey(name));
  const partner = node.partners.get(peer);
  if (!unit || !partner || !node.conduct.upload) return;
  for (const index of pieces) {
    if (unit.pieces[index] === undefined) continue;
    partner.waiting.push({ key: unit.key, index, atMs: node.nowMs });
  }
  serve(node, partner);
}

/** A piece has left this host. */
export function onSent<P>(node: Node<P>, peer: string): void {
  const partner = node.partners.get(peer);
  if (!partner) return;
  partner.sending = Math.max(0, partner.sending - 1);
  serve(node, partner);
}

function serve<P>(node: Node<P>, partner: Partner): void {
  while (partner.sending < SENDING_PIECES) {
    const next = partner.waiting.shift();
    if (!next) return;
    const unit = node.units.get(next.key);
    const payload = unit?.pieces[next.index];
    // Who asked for it waits no longer.
    const late = node.nowMs - next.atMs > PATIENCE_MS;
    if (!unit || payload === undefined || late) continue;
    partner.sending++;
    partner.given++;
    send(node, partner.peer, { type: "piece", unit: unit.entry.unit, index: next.index, payload });
  }
}
