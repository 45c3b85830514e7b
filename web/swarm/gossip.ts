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
/** While the edge is away, so that the mesh grows together again; there is little else to send then, ms. */
const AWAY_INTERVAL_MS = 8_000;
/** A new partner is told sooner, and everyone when the edge goes: within this long, ms. */
const SOON_MS = 4_000;
/** Members that are named at a time: in the time that they are remembered a dozen by each partner. */
const NAMED = 4;
/** What a partner says more often than this is passed over, ms: less than the intervals above. */
const LEAST_INTERVAL_MS = 5_000;

/** The most that a byte of a frame says. */
const MAX_U8 = 255;

/** The edge has gone: what partners know of each other is of use now. */
export function gossipSoon(state: EngineState<unknown>): void {
  for (const partner of state.partners.values()) {
    if (partner.nextGossipMs === undefined) continue;
    const soonMs = state.nowMs + state.random() * SOON_MS;
    partner.nextGossipMs = Math.min(partner.nextGossipMs, soonMs);
  }
}

/** Some partners are to be told, now and then. Answers when to look again, ms. */
export function gossip<P>(state: EngineState<P>): number {
  let nextMs = Infinity;
  for (const partner of state.partners.values()) {
    if (!partner.greeted) continue;
    partner.nextGossipMs ??= state.nowMs + state.random() * SOON_MS;
    if (partner.nextGossipMs <= state.nowMs) {
      partner.nextGossipMs = state.nowMs +
        (state.edgeReachable ? GOSSIP_INTERVAL_MS : AWAY_INTERVAL_MS);
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
    const { peer, greeted, room, roomMs } = partner;
    if (partner === but || !greeted || state.nowMs - roomMs > MEMBER_MS) continue;
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
  if (state.nowMs - partner.namedMs < LEAST_INTERVAL_MS) return;
  partner.namedMs = partner.roomMs = state.nowMs;
  partner.room = room;
  const others = members.filter(({ peer }) => peer !== state.self && peer !== partner.peer);
  state.membership.hear(partner.peer, others, state.nowMs);
  // While the edge is away there may be nobody else to try.
  if (!state.edgeReachable) state.nextMeetMs = state.nowMs;
}
