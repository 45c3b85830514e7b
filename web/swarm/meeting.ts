/** Links to more partners: to those whom the edge names, and to members that partners know. */
import { mayJoin } from "./partners.ts";
import { setRoute } from "./signalling.ts";
import { EDGE, type EngineState } from "./state.ts";

/** A link is up within this long, or another is tried besides, ms: signals take four ways, the link five round trips. */
const MEETING_MS = 3_000;

/** The edge names some peers, and carries signals to them. */
export function onIntroduced<P>(state: EngineState<P>, peers: readonly string[]): void {
  for (const peer of peers) begin(state, peer, EDGE);
}

/** Tries members now and then. Answers when to look again, ms. */
export function meetAgain<P>(state: EngineState<P>, missing: number): number {
  if (state.nowMs >= state.nextMeetMs) {
    meetMembers(state, missing);
    state.nextMeetMs = state.nowMs + MEETING_MS;
  }
  return state.nextMeetMs;
}

/** Tries members that can be reached by way of partners, so many as are missing. */
export function meetMembers<P>(state: EngineState<P>, missing: number): void {
  for (const [peer, untilMs] of state.meeting) {
    if (untilMs <= state.nowMs) state.meeting.delete(peer);
  }
  const fit = (peer: string) => mayJoin(state, peer) && !state.meeting.has(peer);
  while (state.meeting.size < missing) {
    const { nowMs, random } = state;
    const found = state.membership.pick({ fit, random, nowMs });
    if (!found) return;
    begin(state, found.peer, found.relay);
  }
}

function begin<P>(state: EngineState<P>, peer: string, route: string): void {
  if (!mayJoin(state, peer)) return;
  state.meeting.set(peer, state.nowMs + MEETING_MS);
  state.membership.tried(peer, state.nowMs);
  setRoute(state, peer, route);
  state.outputs.push({ type: "connect", peer });
}
