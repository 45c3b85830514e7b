/**
 * DONet, the network of CoolStreaming (Zhang, Liu, Li and Yum: CoolStreaming/DONet, a data-driven
 * overlay network for peer-to-peer live media streaming, INFOCOM 2005), as a baseline: M partners
 * that tell each other every second what they have, a scheduler that asks for all that is missing,
 * membership by gossip, and partners exchanged for better ones. It runs in the shell of the engine
 * of `web/swarm`. Its segments are our pieces; its nodes begin at the edge as all viewers here do,
 * check what they get, and turn to the edge where that is allowed.
 */
import { emptyBitmap } from "../../../edge/protocol/bitmap.ts";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { meetDeadlines, onFetched, onFetchEnded, openDemand } from "./fetching.ts";
import type { SimEngine, SimFrame, SimInput } from "./io.ts";
import { addUnit, deliver, type DonetOptions, keep, newNode, type Node, send } from "./node.ts";
import { onGone, onLinkOpen, onMember, refine, seek, tellOfSelf } from "./partnership.ts";
import { onPiece, pull } from "./pulling.ts";
import { onSent, onWant } from "./serving.ts";

/** What is missing is looked for this often, ms. */
const PULL_MS = 250;
/** Partners tell what they have, and more are sought, this often, ms: once for each segment of the paper. */
const BUFFER_MAP_MS = 1_000;
/** A node speaks of itself this often, ms. */
const GOSSIP_MS = 10_000;
/** The partner that is worth least makes room for another this often, ms. */
const REFINE_MS = 30_000;

export function createDonet<Payload>(options: DonetOptions): SimEngine<Payload> {
  const node = newNode<Payload>(options);
  // Nodes do not do everything at the same instant.
  const chores = [
    { everyMs: BUFFER_MAP_MS, nextMs: NaN, run: () => tellMaps(node) },
    { everyMs: BUFFER_MAP_MS, nextMs: NaN, run: () => seek(node) },
    { everyMs: GOSSIP_MS, nextMs: NaN, run: () => tellOfSelf(node) },
    { everyMs: REFINE_MS, nextMs: NaN, run: () => refine(node) },
    { everyMs: PULL_MS, nextMs: NaN, run: () => pull(node) },
  ];
  let dueMs = Infinity;
  return {
    handle(input, nowMs) {
      node.nowMs = nowMs;
      accept(node, input);
      for (const chore of chores) {
        if (Number.isNaN(chore.nextMs)) chore.nextMs = nowMs + options.random() * chore.everyMs;
        if (chore.nextMs > nowMs) continue;
        chore.nextMs = nowMs + chore.everyMs;
        chore.run();
      }
      dueMs = meetDeadlines(node);
    },
    poll: () => node.outputs.shift(),
    // Whoever is one too many is dropped when its link opens.
    mayJoin: () => true,
    wakeMs: () => Math.min(dueMs, ...chores.map(({ nextMs }) => nextMs)),
    // Nothing is injected: the source serves its partners.
    totals: () => ({ partners: node.partners.size, uplink: 0, renditions: [] }),
  };
}

function accept<P>(node: Node<P>, input: SimInput<P>): void {
  switch (input.type) {
    case "ledger":
      return addUnit(node, input.entry);
    case "linkOpen":
      return onLinkOpen(node, input.peer);
    case "introduced":
      for (const peer of input.peers) {
        node.members.hear({ peer, sequence: node.nowMs, partners: 1, ttl: 0 });
      }
      return;
    case "linkClosed":
      return onGone(node, input.peer);
    case "frame":
      return onFrame(node, input.peer, input.frame);
    case "sent":
      return onSent(node, input.peer);
    case "demand":
      if (openDemand(node, input.demand, input.unit, input.deadlineMs)) {
        deliver(node, node.units.get(unitKey(input.unit))!);
      }
      return;
    case "abandon":
      node.demands.delete(input.demand);
      return;
    case "fetchedPiece":
      return onFetched(node, input.fetch, input.index, input.payload);
    case "fetchEnded":
      return onFetchEnded(node, input.fetch, input.result === "complete");
    case "held": {
      const unit = node.units.get(unitKey(input.unit));
      if (unit) input.payloads.forEach((payload, index) => keep(node, unit, index, payload));
      return;
    }
    case "checkedPiece": {
      const unit = node.units.get(unitKey(input.unit));
      if (unit && input.ok) keep(node, unit, input.index, input.payload);
      return;
    }
    default:
      return;
  }
}

function onFrame<P>(node: Node<P>, peer: string, frame: SimFrame<P>): void {
  switch (frame.type) {
    case "bufferMap": {
      const partner = node.partners.get(peer);
      if (partner) partner.maps = frame.maps;
      return;
    }
    case "member":
      return onMember(node, peer, frame.member);
    case "want":
      return onWant(node, peer, frame.unit, frame.pieces);
    case "piece":
      return onPiece(node, peer, frame.unit, frame.index, frame.payload);
    case "bye":
      return onGone(node, peer);
    default:
      return;
  }
}

/** All partners are sent the same window. */
function tellMaps<P>(node: Node<P>): void {
  const { units, partners, conduct } = node;
  if (!conduct.upload || partners.size === 0) return;
  let bits = 0;
  const maps = new Map(
    [...units].map(([key, { map, count, held }]) => {
      bits += count;
      return [key, held > 0 ? map.slice() : emptyBitmap(0)];
    }),
  );
  for (const peer of partners.keys()) send(node, peer, { type: "bufferMap", maps, bits });
}
