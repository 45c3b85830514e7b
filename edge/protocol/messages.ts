/** The text messages of the swarm socket, JSON, one object each. Ledger entries go as binary frames beside them. */
import * as v from "valibot";
import { ChannelDescription, ChannelState } from "./channel.ts";

/** Random, 20 characters of base64url; made by the peer for each page load. */
export const PeerId = v.pipe(v.string(), v.regex(/^[\w-]{20}$/));
/** The largest text message that is read, characters. */
export const MAX_MESSAGE_CHARS = 32 * 1024;

// JSON has no infinity, but 1e999 is read as one.
const count = v.pipe(v.number(), v.finite(), v.minValue(0));

/** WebRTC's offer, answer and trickled candidates, carried as they are. */
export const Signal = v.variant("kind", [
  v.object({ kind: v.literal("offer"), sdp: v.string() }),
  v.object({ kind: v.literal("answer"), sdp: v.string() }),
  v.object({ kind: v.literal("candidate"), candidate: v.string(), mid: v.nullable(v.string()) }),
]);
export type Signal = v.InferOutput<typeof Signal>;

/** What a peer can do for the others just now. */
export const PeerStatus = v.object({
  /** Its element plays, or it is a relay. */
  playing: v.boolean(),
  visible: v.boolean(),
  /** Gives bytes to partners: allowed by site and viewer, not metered, not hidden and paused. */
  uploads: v.boolean(),
  /** How many partners it has. */
  partners: count,
  /** What it can upload, as measured and below its cap, bytes/s. */
  uplink: count,
  /** Ids of the renditions that it takes part in; it is given runs of these only. */
  renditions: v.pipe(v.array(count), v.maxLength(32)),
});
export type PeerStatus = v.InferOutput<typeof PeerStatus>;

/** Bytes of media since the peer joined. */
export const ByteReport = v.object({ peers: count, edge: count, cache: count, uploaded: count });
export type ByteReport = v.InferOutput<typeof ByteReport>;

export const ClientMessage = v.variant("type", [
  v.object({
    type: v.literal("join"),
    version: v.number(),
    peer: PeerId,
    /** Like a peer id, and known to the edge alone: only who gives it again takes this peer's place. */
    secret: v.optional(PeerId),
    status: PeerStatus,
  }),
  v.object({ type: v.literal("status"), status: PeerStatus }),
  /** Asks to be introduced to `want` more peers, none of `known`. */
  v.object({
    type: v.literal("seek"),
    want: v.pipe(count, v.maxValue(32)),
    known: v.pipe(v.array(PeerId), v.maxLength(64)),
    /** Of them those who say nothing any more. */
    silent: v.optional(v.pipe(v.array(PeerId), v.maxLength(64))),
  }),
  v.object({ type: v.literal("signal"), to: PeerId, signal: Signal }),
  /** The sender has these runs of a unit, as it was told to, and passes them on. */
  v.object({
    type: v.literal("injected"),
    unit: v.string(),
    runs: v.pipe(v.array(count), v.maxLength(32)),
  }),
  v.object({ type: v.literal("report"), bytes: ByteReport }),
  /** A partner sent something that is not what the ledger names. */
  v.object({ type: v.literal("accuse"), peer: PeerId, unit: v.string() }),
  v.object({ type: v.literal("leave") }),
]);
export type ClientMessage = v.InferOutput<typeof ClientMessage>;

export const ServerMessage = v.variant("type", [
  v.object({
    type: v.literal("welcome"),
    version: v.number(),
    channel: ChannelDescription,
    state: ChannelState,
    viewers: count,
    /** How many ledger frames follow that were published before the join. */
    backlog: count,
    /** `stun:` URLs; an empty list where the edge has no UDP. */
    iceServers: v.array(v.string()),
  }),
  v.object({ type: v.literal("describe"), channel: ChannelDescription }),
  v.object({ type: v.literal("state"), state: ChannelState, detail: v.optional(v.string()) }),
  /** Make an offer to each of these. */
  v.object({ type: v.literal("introduce"), peers: v.array(PeerId) }),
  v.object({ type: v.literal("signal"), from: PeerId, signal: Signal }),
  v.object({ type: v.literal("viewers"), count }),
  /** `fatal`: do not come back with the same message. */
  v.object({
    type: v.literal("error"),
    code: v.string(),
    message: v.string(),
    fatal: v.boolean(),
  }),
]);
export type ServerMessage = v.InferOutput<typeof ServerMessage>;

/** Reads one text message. Answers `undefined` for text that is not one. */
export function parseMessage<T>(
  schema: v.GenericSchema<unknown, T>,
  text: string,
): T | undefined {
  if (text.length > MAX_MESSAGE_CHARS) return undefined;
  try {
    const result = v.safeParse(schema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
