/** What partners tell each other of who is there: rarely, as it is of use only when somebody is missing. */
import type { MemberNews } from "../../edge/protocol/peer_frames.ts";
import { MEMBER_MS } from "./membership.ts";
import type { Partner } from "./partner_book.ts";
import { room } from "./partners.ts";
import { type EngineState, send } from "./state.ts";

/**
 * How often a partner is told, ms. With four members that is 95 bytes, 188 on the wire: at ten
 * partners and 1 Mbit/s 0.04 % of the payload, and 0.08 % on the wire.
 */
const GOSSIP_INTERVAL_MS = 20_000;
/** A new partner is told sooner, so that somebody who has just come need not depend on the edge, ms. */
const FIRST_GOSSIP_MS = 4_000;
/** Members that are named at a time: in the time that they are remembered a dozen by each partner. */
const NAMED = 4;
/** What a partner says more often than this is passed over, ms. */
const LEAST_INTERVAL_MS = 5_000;

const MAX_U8 = 255;

/** Some partners are to be told, now and then. Answers when to look again, ms. */
export function gossip<P>(state: EngineState<P>): number {
  let nextMs = Infinity;
  for (const partner of state.partners.values()) {
    if (!partner.greeted) continue;
    partner.nextGossipMs ??= state.nowMs + state.random() * FIRST_GOSSIP_MS;
    if (partner.nextGossipMs <= state.nowMs) {
      partner.nextGossipMs = state.nowMs + GOSSIP_INTERVAL_MS;
      const members = someMembers(state, partner);
      send(state, partner.peer, { type: "members", room: Math.min(MAX_U8, room(state)), members });
    }
    nextMs = Math.min(nextMs, partner.nextGossipMs);
  }
  return nextMs;
}

/** A few partners by chance that have lately said what room they have. */
function someMembers<P>(state: EngineState<P>, but: Partner): MemberNews[] {
  const known: MemberNews[] = [];
  for (const partner of state.partners.values()) {
    const { peer, room, roomMs } = partner;
    if (partner === but || state.nowMs - roomMs > MEMBER_MS) continue;
    known.push({ peer, room, age: Math.round((state.nowMs - roomMs) / 1000) });
  }
  const some: MemberNews[] = [];
  while (some.length < NAMED && known.length > 0) {
    some.push(...known.splice(Math.floor(state.random() * known.length), 1));
  }
  return some;
}

export function onMembers<P>(
  state: EngineState<P>,
  partner: Partner,
  { room, members }: { room: number; members: readonly MemberNews[] },
): void {
  if (state.nowMs - partner.roomMs < LEAST_INTERVAL_MS) return;
  partner.room = room;
  partner.roomMs = state.nowMs;
  const others = members.filter(({ peer }) => peer !== state.self && peer !== partner.peer);
  state.membership.hear(partner.peer, others, state.nowMs);
}
