/**
 * Parity as peers make and use it (PROTOCOL.md §2.2): of the K+R pieces of a column any K make the
 * others. The edge sends none. Who holds enough makes a piece of parity for the partner that asks for
 * it and for the children of a parity substream; who lacks media rebuilds it. While the mesh is calm
 * nobody subscribes to parity, so that nothing is spent on it.
 */
import { columnOf, placeOf } from "../../edge/protocol/parity.ts";
import { type Unit, unitKey } from "../../edge/protocol/unit.ts";
import { forgoFetched } from "./fetching.ts";
import { pusherOf } from "./parents.ts";
import { isQuiet, type Partner, shows } from "./partner_book.ts";
import { cancelAsked, willBePushed } from "./pulling.ts";
import { admitPiece } from "./receiving.ts";
import { isMissing, pieceAt, runOf, type Segment } from "./segment.ts";
import { onWant, pushOn } from "./serving.ts";
import { slotIn } from "./slots.ts";
import type { EngineState } from "./state.ts";
import { dueAtMs } from "./taking.ts";

/** Each parent that was lost makes one more parity substream wanted, for so long, ms. */
export const UNREST_MS = 20_000;
/** A piece that is later than its run usually is by this is rebuilt, if its parent is there, ms. */
const LATE_MS = 250;
/** What is due so soon is rebuilt however early it may come from its parent, ms. */
const URGENT_MS = 1_500;

/** A parent of this peer has gone, or says nothing any more. */
export function noteLoss(state: EngineState<unknown>): void {
  state.lossesMs = [...state.lossesMs.filter((atMs) => isRecent(state, atMs)), state.nowMs];
}

/** How many parity substreams this peer could do with. */
export function parityWanted(state: EngineState<unknown>): number {
  return state.lossesMs.filter((atMs) => isRecent(state, atMs)).length;
}

function isRecent({ nowMs }: EngineState<unknown>, atMs: number): boolean {
  return nowMs - atMs < UNREST_MS;
}

/** Has the piece coded for a partner that asks for it. Answers whether it is being coded. */
export function codeFor<P>(
  state: EngineState<P>,
  segment: Segment<P>,
  index: number,
  asker: string,
): boolean {
  if (index < segment.count || index >= segment.total || !code(state, segment, index)) return false;
  segment.coding.get(index)!.add(asker);
  return true;
}

/** Has a piece coded, if enough of its column is here. Answers whether it is being coded. */
export function code<P>(state: EngineState<P>, segment: Segment<P>, index: number): boolean {
  if (segment.coding.has(index)) return true;
  if (segment.miscoded || segment.unchecked.has(index)) return false;
  const pieces = enoughFor(segment, index);
  if (!pieces) return false;
  segment.coding.set(index, new Set());
  state.outputs.push({ type: "code", entry: segment.entry, index, pieces });
  return true;
}

/** Pieces of its column from which a piece can be made; `undefined` where they are too few. */
function enoughFor<P>(
  segment: Segment<P>,
  index: number,
): { index: number; payload: P }[] | undefined {
  const { media, parity } = columnOf(segment.entry, placeOf(segment.entry, index).column);
  const pieces: { index: number; payload: P }[] = [];
  for (const at of [...media, ...parity]) {
    const payload = pieceAt(segment, at);
    if (payload !== undefined && at !== index) pieces.push({ index: at, payload });
    if (pieces.length === media.length) return pieces;
  }
  return undefined;
}

/** The shell has coded a piece: it is checked like any other. */
export function onCoded<P>(
  state: EngineState<P>,
  unit: Unit,
  index: number,
  payload: P | undefined,
): void {
  const segment = state.buffer.get(unitKey(unit));
  if (!segment?.coding.has(index)) return;
  if (payload === undefined) onCodedChecked(state, segment, index, false);
  else admitPiece(state, segment, index, { payload, peer: state.self });
}

/**
 * A coded piece has passed its check or failed it. As all that it was made from had passed, a failure
 * is the fault of no partner but of the digest list: nothing more is coded for this segment.
 */
export function onCodedChecked<P>(
  state: EngineState<P>,
  segment: Segment<P>,
  index: number,
  ok: boolean,
): void {
  segment.miscoded ||= !ok;
  const askers = segment.coding.get(index) ?? [];
  segment.coding.delete(index);
  for (const peer of askers) onWant(state, peer, segment.entry.unit, [index]);
}

/** A checked piece of parity is kept while its segment is, and passed on to children. */
export function keepParity<P>(
  state: EngineState<P>,
  segment: Segment<P>,
  index: number,
  payload: P,
): void {
  if (segment.parity.has(index)) return;
  segment.parity.set(index, payload);
  pushOn(state, segment, index);
}

/** A piece is here: with the last that its column needs, its parity is made for the children. */
export function codeForChildren<P>(
  state: EngineState<P>,
  segment: Segment<P>,
  index: number,
): void {
  const { entry, live } = segment;
  if (!live || entry.parityRuns === 0 || !hasParityChildren(state, segment)) return;
  for (const at of columnOf(entry, placeOf(entry, index).column).parity) {
    if (segment.parity.has(at)) continue;
    const slot = slotIn(segment, runOf(segment, at));
    for (const partner of state.partners.values()) {
      if (partner.children.has(slot) && !isOfNoUse(partner, segment, at)) {
        code(state, segment, at);
        break;
      }
    }
  }
}

function hasParityChildren(state: EngineState<unknown>, segment: Segment<unknown>): boolean {
  const { runs, parityRuns } = segment.entry;
  for (let run = runs; run < runs + parityRuns; run++) {
    const slot = slotIn(segment, run);
    for (const { children } of state.partners.values()) if (children.has(slot)) return true;
  }
  return false;
}

/** Whether the partner shows the piece or, where it is parity, all media that it could rebuild with it. */
export function isOfNoUse(partner: Partner, segment: Segment<unknown>, index: number): boolean {
  const { entry, key, count } = segment;
  if (index < count) return shows(partner, key, index);
  return columnOf(entry, placeOf(entry, index).column).media.every((at) => shows(partner, key, at));
}

/** Whether a piece of parity may serve this peer, as media of its column is missing. */
export function isOfUse(segment: Segment<unknown>, index: number): boolean {
  const { media } = columnOf(segment.entry, placeOf(segment.entry, index).column);
  return media.some((at) => segment.pieces[at] === undefined);
}

/**
 * Rebuilds media that is late, where enough of its column is here. That is no miss of its parent:
 * with it, parents were left too soon (80 peers, churn, mesh continuity of three seeds: 0.992 against
 * 0.995 without).
 */
export function rebuild<P>(state: EngineState<P>): void {
  for (const segment of state.buffer.unfinished()) {
    if (segment.parity.size === 0 || segment.miscoded) continue;
    for (let index = 0; index < segment.count; index++) {
      if (segment.pieces[index] !== undefined || segment.coding.has(index)) continue;
      if (!isLate(state, segment, index) || !code(state, segment, index)) continue;
      if (segment.asked.has(index)) cancelAsked(state, segment, [index]);
      forgoFetched(state, segment, index);
    }
  }
}

function isLate(state: EngineState<unknown>, segment: Segment<unknown>, index: number): boolean {
  const parent = pusherOf(state, segment, index);
  const partner = parent && state.partners.get(parent.peer);
  if (!partner || isQuiet(partner, state.nowMs)) return true;
  const usualMs = state.lags.get(slotIn(segment, runOf(segment, index))) ?? 0;
  const lateMs = segment.sinceMs + usualMs + LATE_MS;
  return state.nowMs >= Math.min(lateMs, dueAtMs(state, segment) - URGENT_MS);
}

/** Whether the parity that is pushed to this peer is enough for all that the column of a piece lacks. */
export function isCovered(
  state: EngineState<unknown>,
  segment: Segment<unknown>,
  index: number,
): boolean {
  const { entry } = segment;
  if (entry.parityRuns === 0 || segment.miscoded || parityWanted(state) === 0) return false;
  const { media, parity } = columnOf(entry, placeOf(entry, index).column);
  const missing = media.filter((at) => isMissing(segment, at)).length;
  return missing <= parity.filter((at) => willBePushed(state, segment, at)).length;
}
