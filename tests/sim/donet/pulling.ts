import { hasBit } from "../../../edge/protocol/bitmap.ts";
import { type Unit, unitKey } from "../../../edge/protocol/unit.ts";
import { bytesOf, check } from "./fetching.ts";
import { type Node, send, type Stored } from "./node.ts";
import { type Expected, schedule } from "./schedule.ts";

/** How much a new measurement counts in a partner's bandwidth. */
const BANDWIDTH_GAIN = 1 / 4;
/** What was asked is waited for so long, ms. */
export const PATIENCE_MS = 1_500;

/** Asks partners for the expected set: what is not here, not on its way and not too late. */
export function pull<P>(node: Node<P>): void {
  const suppliers = [...node.partners.values()];
  const wanted: { unit: Stored<P>; index: number; expected: Expected }[] = [];
  for (const unit of node.units.values()) {
    if (unit.held === unit.count) continue;
    const deadlineMs = node.playMs(unit.entry);
    if (!(deadlineMs > node.nowMs) || deadlineMs === Infinity) continue;
    for (let index = 0; index < unit.count; index++) {
      if (!isWanted(node, unit, index)) continue;
      const shownBy: number[] = [];
      suppliers.forEach(({ maps }, supplier) => {
        const map = maps.get(unit.key);
        if (map && hasBit(map, index)) shownBy.push(supplier);
      });
      if (shownBy.length === 0) continue;
      wanted.push({ unit, index, expected: { bytes: bytesOf(unit, index), deadlineMs, shownBy } });
    }
  }
  const chosen = schedule(wanted.map(({ expected }) => expected), suppliers, node.nowMs);
  const asks = new Map<string, { peer: string; unit: Unit; pieces: number[] }>();
  chosen.forEach((supplier, at) => {
    if (supplier === undefined) return;
    const { unit, index, expected } = wanted[at]!;
    const partner = suppliers[supplier]!;
    if (partner.asked === 0) partner.busySinceMs = node.nowMs;
    partner.asked += expected.bytes;
    unit.asked.set(index, { peer: partner.peer, untilMs: node.nowMs + PATIENCE_MS });
    const key = `${partner.peer} ${unit.key}`;
    const ask = asks.get(key) ?? { peer: partner.peer, unit: unit.entry.unit, pieces: [] };
    // In an order of their own: neighbors that ask the same partner then have different pieces to give.
    ask.pieces.splice(Math.floor(node.random() * (ask.pieces.length + 1)), 0, index);
    asks.set(key, ask);
  });
  for (const { peer, unit, pieces } of asks.values()) {
    send(node, peer, { type: "want", unit, pieces });
  }
}

/** Frees what should have come by now. */
function isWanted<P>(node: Node<P>, unit: Stored<P>, index: number): boolean {
  if (hasBit(unit.map, index) || unit.fetching.has(index)) return false;
  const ask = unit.asked.get(index);
  if (!ask) return true;
  if (ask.untilMs > node.nowMs) return false;
  settle(node, unit, index);
  return true;
}

/** A piece is no longer awaited. */
function settle<P>(node: Node<P>, unit: Stored<P>, index: number): void {
  const ask = unit.asked.get(index);
  if (!ask) return;
  unit.asked.delete(index);
  const partner = node.partners.get(ask.peer);
  if (partner) partner.asked = Math.max(0, partner.asked - bytesOf(unit, index));
}

/** A piece has come, and goes through its check. */
export function onPiece<P>(
  node: Node<P>,
  peer: string,
  name: Unit,
  index: number,
  payload: P,
): void {
  const unit = node.units.get(unitKey(name));
  const partner = node.partners.get(peer);
  if (!unit || !partner || index >= unit.count) return;
  partner.got++;
  const ms = Math.max(1, node.nowMs - partner.busySinceMs);
  partner.bandwidth += (bytesOf(unit, index) / ms - partner.bandwidth) * BANDWIDTH_GAIN;
  partner.busySinceMs = node.nowMs;
  settle(node, unit, index);
  if (!hasBit(unit.map, index)) check(node, unit, index, payload);
}
