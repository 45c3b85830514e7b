/**
 * The swarm engine for files, on demand: as the engine for live (`../engine.ts`), whose parts it is
 * made of, it does no I/O and reads no clock. What differs is what is wanted when: viewers of a file
 * are at different places, nothing is pushed, and each asks for what it plays next.
 */
import { blockEntry } from "../../../edge/protocol/file_index.ts";
import type { PeerFrame } from "../../../edge/protocol/peer_frames.ts";
import { pieceCount, type Span } from "../../../edge/protocol/pieces.ts";
import { type Unit, unitKey } from "../../../edge/protocol/unit.ts";
import { declineAll, deliver } from "../demands.ts";
import type { SwarmEngine } from "../engine.ts";
import { fade } from "../fairness.ts";
import { onFetchedDigests, onFetchedPiece, onFetchEnded } from "../fetching.ts";
import { gossip, onMembers } from "../gossip.ts";
import type { Conduct } from "../io.ts";
import { onIntroduced } from "../meeting.ts";
import {
  ban,
  dropSilent,
  forget,
  leave,
  mayJoin,
  onAudience,
  onEdge,
  onHello,
  onLinkOpen,
  seek,
} from "../partners.ts";
import type { Partner } from "../partner_book.ts";
import { reviewAsked } from "../pulling.ts";
import { onCheckedPiece, onHeld, onPiece } from "../receiving.ts";
import { isComplete, type Segment } from "../segment.ts";
import { changeConduct, onSent, onWant, serve } from "../serving.ts";
import { onEdgeSignal, onPeerSignal, sendSignal } from "../signalling.ts";
import { capacity } from "../standing.ts";
import { askPartners, cancelUnwanted, onRefuse, takeSpare } from "./asking.ts";
import { meetRanges } from "./fallback.ts";
import type { VodInput } from "./io.ts";
import { onCheckedDigests, onList, onLists, reviewLists } from "./lists.ts";
import { askSpare } from "./rarity.ts";
import { onSpare } from "./serving.ts";
import { newVodState, reviewPartners, type VodOptions, type VodState } from "./state.ts";
import { tell } from "./telling.ts";
import { ahead, demanded } from "./window.ts";

export type VodEngine<Payload> = SwarmEngine<VodInput<Payload>, Payload>;

/** What follows from the state by itself is looked at this often at most, ms. */
const LOOK_INTERVAL_MS = 50;
/** While anything is missing it is looked whether it is late, or may be asked for now, this often, ms. */
const ASK_INTERVAL_MS = 100;
/** Nothing is spare while partners have no time for what is due within this, ms. */
const CALM_MS = 3_000;
/** A place that is so much of playing time from where it was expected is a seek, ms. */
const SEEK_MS = 1_000;

export function createVodEngine<Payload>(options: VodOptions): VodEngine<Payload> {
  const vod = newVodState<Payload>(options, isNeeded);
  const { core } = vod;
  let wakeMs = -Infinity;
  return {
    handle(input, nowMs) {
      core.nowMs = nowMs;
      accept(vod, input);
      if (input.type !== "sent") {
        core.nextLookMs = Math.min(core.nextLookMs, core.lastLookMs + LOOK_INTERVAL_MS);
      }
      // A seek does not wait for its turn.
      if (core.nextLookMs <= nowMs || input.type === "range") look(vod);
      wakeMs = Math.min(core.nextLookMs, serve(core));
    },
    poll: () => core.outputs.shift(),
    wakeMs: () => wakeMs,
    mayJoin: (peer) => mayJoin(core, peer),
    totals: () => ({
      partners: [...core.partners.values()].filter((partner) => partner.greeted).length,
      uplink: capacity(core),
      renditions: vod.library.files().map(({ entry }) => entry.rendition),
      received: { ...core.received },
      uploaded: core.uploaded,
      banned: core.banned.size,
      complete: vod.library.segments().filter(isComplete).length,
    }),
  };
}

function accept<P>(vod: VodState<P>, input: VodInput<P>): void {
  const { core, library } = vod;
  switch (input.type) {
    case "file":
      for (const gone of library.addFile(input.index, input.from)) letGo(vod, gone);
      return;
    case "range":
      return openRange(vod, input.demand, input.unit, input);
    case "position":
      return moveTo(vod, input.rendition, input.offset, input.rate);
    case "abandon":
      if (core.demands.delete(input.demand)) cancelUnwanted(vod);
      return;
    case "linkOpen":
      return onLinkOpen(core, input.peer);
    case "linkClosed":
      return forget(core, input.peer);
    case "frame":
      return onFrame(vod, input.peer, input.frame);
    case "junk":
      return ban(core, input.peer);
    case "sent":
      return onSent(core, input.peer, input.bytes);
    case "fetchedPiece":
      return onFetchedPiece(core, input.fetch, input.index, input.payload);
    case "fetchEnded":
      return onFetchEnded(core, input.fetch, input.result);
    case "fetchedDigests":
      return onFetchedDigests(core, input.unit, input.digests);
    case "held":
      library.block(input.unit);
      onHeld(core, input.unit, input.digests, input.payloads);
      return makeRoom(vod);
    case "checkedPiece": {
      const segment = library.get(unitKey(input.unit));
      const before = segment?.held;
      onCheckedPiece(core, input.unit, input.index, input.payload, input.ok);
      if (!segment || segment.held === before || !isComplete(segment)) return;
      const pieces = segment.pieces as P[];
      core.outputs.push({ type: "whole", entry: segment.entry, pieces });
      return makeRoom(vod);
    }
    case "checkedDigests":
      return onCheckedDigests(vod, input.unit, input.digests, input.ok);
    case "conduct":
      return changeVodConduct(vod, input.conduct);
    case "audience":
      return onAudience(core, input.count);
    case "edge":
      return onEdge(core, input.reachable);
    case "introduced":
      return onIntroduced(core, input.peers);
    case "signal":
      return sendSignal(core, input.to, input.signal);
    case "signalled":
      return onEdgeSignal(core, input.from, input.signal);
    case "wake":
      return;
  }
}

/** Does what follows from the state by itself, and notes when to look again. */
function look<P>(vod: VodState<P>): void {
  const { core } = vod;
  if (core.lastLookMs > -Infinity) fade(core, core.nowMs - core.lastLookMs);
  core.lastLookMs = core.nowMs;
  reviewPartners(vod);
  dropSilent(core);
  reviewAsked(core);
  reviewSpares(vod);
  reviewLists(vod);
  const wakes = [meetRanges(vod), tell(vod), seek(core), gossip(core)];
  const { missing, starvedMs } = askPartners(vod);
  if (starvedMs - core.nowMs > CALM_MS) askSpare(vod);
  if (missing || vod.lists.size > 0) wakes.push(core.nowMs + ASK_INTERVAL_MS);
  core.nextLookMs = Math.min(...wakes);
}

function openRange<P>(
  vod: VodState<P>,
  id: number,
  unit: Unit,
  { pieces, deadlineMs }: { pieces: Span; deadlineMs: number },
): void {
  const { core } = vod;
  const segment = vod.library.block(unit);
  const sound = segment && pieces.from >= 0 && pieces.from < pieces.to &&
    pieces.to <= pieceCount(segment.entry);
  if (!sound) {
    core.outputs.push({ type: "decline", demand: id, reason: "not in the ledger" });
    return;
  }
  core.demands.set(id, { id, key: segment.key, deadlineMs, delivered: pieces.from, pieces });
  deliver(core, segment);
}

function moveTo<P>(vod: VodState<P>, rendition: number, offset: number, rate: number): void {
  const { core, position } = vod;
  vod.position = { rendition, offset, rate, atMs: core.nowMs };
  if (rate > 0) vod.rate = rate;
  if (!position) return;
  const expected = position.offset + ((core.nowMs - position.atMs) * position.rate) / 1000;
  const offMs = (Math.abs(offset - expected) * 1000) / Math.max(1, rate, position.rate);
  const pauses = rate === 0 && position.rate > 0;
  if (position.rendition !== rendition || offMs > SEEK_MS || pauses) cancelUnwanted(vod);
}

/** Blocks that are asked for, on their way, or played next stay. */
function isNeeded<P>(vod: VodState<P>, segment: Segment<P>): boolean {
  return segment.asked.size > 0 || segment.fetching.size > 0 || segment.unchecked.size > 0 ||
    [...demanded(vod), ...ahead(vod)].some((one) => one.segment === segment);
}

function makeRoom<P>(vod: VodState<P>): void {
  for (const gone of vod.library.evict()) letGo(vod, gone);
}

function letGo<P>(vod: VodState<P>, segment: Segment<P>): void {
  const { core } = vod;
  declineAll(core, segment.key, "no longer kept");
  for (const fetch of new Set(segment.fetching.values())) {
    core.fetches.delete(fetch);
    core.outputs.push({ type: "cancelFetch", fetch });
  }
  for (const partner of core.partners.values()) {
    if (partner.greeted) partner.untold.add(segment.key);
  }
}

function changeVodConduct<P>(vod: VodState<P>, conduct: Conduct): void {
  const { core } = vod;
  const before = core.conduct;
  vod.named = conduct.partners;
  changeConduct(core, conduct);
  if (conduct.upload !== before.upload) {
    for (const one of core.partners.values()) vod.unshelved.add(one);
  }
  if (conduct.prefetch === "none" && before.prefetch !== "none") cancelUnwanted(vod);
}

/** What was late, or whose partner is gone, is no longer on its way. */
function reviewSpares<P>(vod: VodState<P>): void {
  for (const [key, pieces] of vod.spares) {
    const segment = vod.library.get(key);
    if (!segment) {
      vod.spares.delete(key);
      continue;
    }
    for (const index of pieces) if (!segment.asked.has(index)) takeSpare(vod, segment, index);
  }
}

function onFrame<P>(vod: VodState<P>, peer: string, frame: PeerFrame<P>): void {
  const { core } = vod;
  const partner = core.partners.get(peer);
  if (!partner) return;
  if (!partner.greeted && frame.type !== "hello" && frame.type !== "bye") return ban(core, peer);
  partner.heardMs = core.nowMs;
  switch (frame.type) {
    case "hello":
      if (partner.greeted) return;
      onHello(core, peer, frame);
      vod.unshelved.add(partner);
      return;
    case "have":
      partner.uplink = frame.standing.uplink * 1024;
      for (const map of frame.maps) noteMap(vod, partner, map);
      return;
    case "shelf":
      return vod.shelves.replace(partner, frame.rendition, frame.epoch, frame.blocks);
    case "want":
      return onWant(core, peer, frame.unit, frame.pieces);
    case "spare":
      return onSpare(core, peer, frame.unit, frame.pieces);
    case "cancel":
      for (const index of frame.pieces) core.uploads.cancel(peer, unitKey(frame.unit), index);
      return;
    case "refuse": {
      const segment = vod.library.get(unitKey(frame.unit));
      if (segment) onRefuse(vod, partner, segment, frame.pieces);
      return;
    }
    case "piece":
      return onPiece(core, peer, frame.unit, frame.index, frame.payload);
    case "lists":
      return onLists(vod, partner, frame.units);
    case "digests":
      return onList(vod, peer, frame.unit, frame.digests);
    case "members":
      return onMembers(core, partner, frame);
    case "signal":
      return onPeerSignal(core, partner, frame);
    case "bye":
      return leave(core, peer);
    case "subscribe":
    case "unsubscribe":
      // Nothing is pushed in files.
      return;
  }
}

function noteMap<P>(
  vod: VodState<P>,
  partner: Partner,
  map: { unit: Unit; pieces: Uint8Array },
): void {
  const { library, shelves } = vod;
  const file = library.file(map.unit.rendition);
  const root = file?.roots[map.unit.sequence];
  const had = shelves.has(partner, map.unit);
  const count = root && file.entry.epoch === map.unit.epoch
    ? pieceCount(blockEntry(file.entry, map.unit.sequence, root))
    : undefined;
  shelves.note(partner, map, count);
  // Who has let a block go may want it again.
  const known = library.get(unitKey(map.unit));
  if (had && !shelves.has(partner, map.unit) && known && known.held > 0) {
    partner.untold.add(known.key);
  }
}
