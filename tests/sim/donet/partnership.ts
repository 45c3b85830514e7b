/** Who is here, and who is a partner: sections III-A and III-C of the paper. */
import type { MemberMessage } from "./io.ts";
import { type Node, type Partner, send } from "./node.ts";

/** A message about a member goes so many hops. */
const GOSSIP_HOPS = 5;
/** A partner shows in this time what it is worth, ms. */
const PROBATION_MS = 10_000;
/** A link is waited for this long, ms. */
const CONNECT_MS = 8_000;
/** Newcomers would find no place if nobody took more partners than it looks for. */
const ROOM = 2;
/** Before anything came of a partner, bytes/ms. */
const FIRST_BANDWIDTH = 60;

export function onLinkOpen<P>(node: Node<P>, peer: string): void {
  node.connecting.delete(peer);
  if (node.partners.size >= node.wanted * (node.source ? 1 : ROOM)) {
    node.outputs.push({ type: "drop", peer });
    return;
  }
  node.members.hear({ peer, sequence: node.nowMs, partners: 1, ttl: 0 });
  node.partners.set(peer, {
    peer,
    sinceMs: node.nowMs,
    maps: new Map(),
    bandwidth: FIRST_BANDWIDTH,
    asked: 0,
    busySinceMs: node.nowMs,
    waiting: [],
    sending: 0,
    got: 0,
    given: 0,
  });
}

/** The link is gone: what was asked over it is free for others. */
export function forget<P>(node: Node<P>, peer: string): void {
  if (!node.partners.delete(peer)) return;
  for (const { asked } of node.units.values()) {
    for (const [index, ask] of asked) if (ask.peer === peer) asked.delete(index);
  }
}

/** A partner has left, as it said or as its silence tells: the others are told. */
export function onGone<P>(node: Node<P>, peer: string): void {
  if (!node.partners.has(peer)) return;
  forget(node, peer);
  onMember(node, peer, { sequence: node.nowMs, peer, partners: -1, ttl: GOSSIP_HOPS });
}

/** News of a member goes on to one partner by chance. */
export function onMember<P>(node: Node<P>, from: string, member: MemberMessage): void {
  if (!node.members.hear(member) || member.ttl <= 1) return;
  const others = [...node.partners.keys()].filter((peer) => peer !== from);
  const next = others[Math.floor(node.random() * others.length)];
  if (next) send(node, next, { type: "member", member: { ...member, ttl: member.ttl - 1 } });
}

export function tellOfSelf<P>(node: Node<P>): void {
  const { self: peer, nowMs: sequence } = node;
  const member = { sequence, peer, partners: node.partners.size, ttl: GOSSIP_HOPS };
  for (const partner of node.partners.keys()) send(node, partner, { type: "member", member });
}

/** Looks for partners while there are too few: among the members it knows, or by asking the edge. */
export function seek<P>(node: Node<P>): void {
  for (const [peer, untilMs] of node.connecting) {
    if (untilMs > node.nowMs) continue;
    node.connecting.delete(peer);
    node.members.forget(peer);
  }
  if (node.source) return;
  const missing = node.wanted - node.partners.size - node.connecting.size;
  for (let at = 0; at < missing; at++) {
    if (connectToAny(node)) continue;
    const known = [...node.partners.keys()];
    node.outputs.push({ type: "seek", want: missing, known, silent: [] });
    return;
  }
}

function connectToAny<P>(node: Node<P>): boolean {
  const peer = node.members.pick(
    node.random,
    (one) => node.partners.has(one) || node.connecting.has(one),
  );
  if (peer === undefined) return false;
  node.connecting.set(peer, node.nowMs + CONNECT_MS);
  node.outputs.push({ type: "connect", peer });
  return true;
}

/** Leaves the partner of least worth if there are more than M, and tries another. */
export function refine<P>(node: Node<P>): void {
  const tried = [...node.partners.values()].filter(({ sinceMs }) =>
    node.nowMs - sinceMs >= PROBATION_MS
  );
  const worst = tried.sort((a, b) => score(a) - score(b))[0];
  for (const partner of tried) partner.got = partner.given = 0;
  if (node.partners.size > node.wanted && worst) {
    forget(node, worst.peer);
    node.outputs.push({ type: "drop", peer: worst.peer });
  }
  connectToAny(node);
}

/** max{s(i,j), s(j,i)}, each the segments that went that way. */
function score({ got, given }: Partner): number {
  return Math.max(got, given);
}
