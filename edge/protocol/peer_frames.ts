import type { Bitmap } from "./bitmap.ts";
import { ByteReader, ByteWriter, MalformedError, refuseMalformed } from "./bytes.ts";
import type { Signal } from "./messages.ts";
import { MAX_RUNS } from "./pieces.ts";
import { readUnit, type Unit, writeUnit } from "./unit.ts";
import { MAX_SIGNAL_BYTES } from "./signal_limit.ts";

/** What a peer holds of one unit. */
export interface BufferMap {
  readonly unit: Unit;
  readonly pieces: Bitmap;
}

/** What a peer is to its partners in a rendition. */
export interface Standing {
  readonly rendition: number;
  /** In how many substreams it is at home: 0 … 32. */
  readonly homes: number;
  /** What it can upload, KiB/s, at most 65,535. */
  readonly uplink: number;
  /** Runs that it would push to one more partner. */
  readonly spare: readonly number[];
  /** How long after publication it has each run, in steps of 16 ms; 255: not at all. */
  readonly lags: Uint8Array;
}

/** Somebody who is there, as a partner of it heard. */
export interface MemberNews {
  readonly peer: string;
  /** How many more partners it would take: 0 … 255. */
  readonly room: number;
  /** How long ago it said so, s: 0 … 255. */
  readonly age: number;
}

/**
 * What partners say to each other. `Payload` is the media itself: bytes on the wire, an opaque
 * handle inside the engine.
 */
export type PeerFrame<Payload = Uint8Array> =
  /** First frame on a link, both ways. */
  | { type: "hello"; version: number; peer: string }
  /** What the sender holds now; a later map of a unit replaces an earlier one. */
  | { type: "have"; standing: Standing; maps: readonly BufferMap[] }
  /** Please send these pieces. */
  | { type: "want"; unit: Unit; pieces: readonly number[] }
  /** No longer wanted. */
  | { type: "cancel"; unit: Unit; pieces: readonly number[] }
  /** Wanted, but it will not be sent: ask another. */
  | { type: "refuse"; unit: Unit; pieces: readonly number[] }
  | { type: "piece"; unit: Unit; index: number; payload: Payload }
  /** Push me these runs of every new segment of the rendition, and no others. */
  | { type: "subscribe"; rendition: number; runs: readonly number[] }
  /** The sender does not push these runs, or no longer. */
  | { type: "unsubscribe"; rendition: number; runs: readonly number[] }
  /** The sender leaves. */
  | { type: "bye" }
  /** Gossip: how many more partners the sender would take, and some of its own partners. */
  | { type: "members"; room: number; members: readonly MemberNews[] }
  /** A WebRTC signal between two peers that a partner of both carries. */
  | { type: "signal"; from: string; to: string; signal: Signal }
  /** The blocks of a file that the sender has whole; replaces all that it showed of the file before. */
  | { type: "shelf"; rendition: number; epoch: number; blocks: Bitmap }
  /** Please send these pieces when nobody waits for anything. */
  | { type: "spare"; unit: Unit; pieces: readonly number[] }
  /** Please send the digest lists of these units. */
  | { type: "lists"; units: readonly Unit[] }
  /** The digest list of a unit; an empty one: ask another. */
  | { type: "digests"; unit: Unit; digests: Uint8Array };

/** A frame begins with the code of its type: its place in this row, counted from 1. */
const TYPES = [
  "hello",
  "have",
  "want",
  "cancel",
  "refuse",
  "piece",
  "subscribe",
  "unsubscribe",
  "bye",
  "members",
  "signal",
  "shelf",
  "spare",
  "lists",
  "digests",
] as const;

/** The largest frame that is read, bytes; a peer that sends more breaks the contract. */
export const MAX_FRAME_BYTES = 64 * 1024;
/** Members in one frame; a sample does, as every partner has another one. */
export const MAX_MEMBERS = 8;
/** The kinds of signals, by code from 1 on: a candidate has a `mid`, or none. */
const OFFER = 1;
const ANSWER = 2;
const CANDIDATE = 3;
const CANDIDATE_WITHOUT_MID = 4;

export function encodePeerFrame(frame: PeerFrame): Uint8Array<ArrayBuffer> {
  const to = new ByteWriter().u8(TYPES.indexOf(frame.type) + 1);
  switch (frame.type) {
    case "hello":
      return to.u16(frame.version).text(frame.peer).done();
    case "have":
      writeStanding(to, frame.standing);
      for (const map of frame.maps) {
        writeUnit(to, map.unit).u16(map.pieces.length).bytes(map.pieces);
      }
      return to.done();
    case "want":
    case "cancel":
    case "refuse":
    case "spare":
      writeUnit(to, frame.unit);
      for (const index of frame.pieces) to.u16(index);
      return to.done();
    case "piece":
      return writeUnit(to, frame.unit).u16(frame.index).bytes(frame.payload).done();
    case "subscribe":
    case "unsubscribe":
      return to.u8(frame.rendition).u32(bitsOf(frame.runs)).done();
    case "bye":
      return to.done();
    case "members":
      to.u8(frame.room);
      for (const { peer, room, age } of frame.members) to.text(peer).u8(room).u8(age);
      return to.done();
    case "signal":
      return writeSignal(to.text(frame.from).text(frame.to), frame.signal).done();
    case "shelf":
      return to.u8(frame.rendition).u32(frame.epoch).bytes(frame.blocks).done();
    case "lists":
      for (const unit of frame.units) writeUnit(to, unit);
      return to.done();
    case "digests":
      return writeUnit(to, frame.unit).bytes(frame.digests).done();
  }
}

/** The frame, or `undefined` where the bytes are not one. A piece's payload is a view of `bytes`. */
export function decodePeerFrame(bytes: Uint8Array): PeerFrame | undefined {
  return refuseMalformed(() => {
    if (bytes.length > MAX_FRAME_BYTES) throw new MalformedError();
    const from = new ByteReader(bytes);
    const frame = readFrame(from);
    from.end();
    return frame;
  });
}

function readFrame(from: ByteReader): PeerFrame {
  const type: PeerFrame["type"] | undefined = TYPES[from.u8() - 1];
  switch (type) {
    case "hello":
      return { type, version: from.u16(), peer: from.text() };
    case "have": {
      const standing = readStanding(from);
      const maps: BufferMap[] = [];
      while (from.left > 0) {
        maps.push({ unit: readUnit(from), pieces: from.bytes(from.u16()).slice() });
      }
      return { type, standing, maps };
    }
    case "want":
    case "cancel":
    case "refuse":
    case "spare": {
      const unit = readUnit(from);
      const pieces: number[] = [];
      while (from.left > 0) pieces.push(from.u16());
      return { type, unit, pieces };
    }
    case "piece":
      return { type, unit: readUnit(from), index: from.u16(), payload: from.rest() };
    case "subscribe":
    case "unsubscribe":
      return { type, rendition: from.u8(), runs: runsOf(from.u32()) };
    case "bye":
      return { type };
    case "members": {
      const room = from.u8();
      const members: MemberNews[] = [];
      while (from.left > 0) members.push({ peer: from.text(), room: from.u8(), age: from.u8() });
      if (members.length > MAX_MEMBERS) throw new MalformedError();
      return { type, room, members };
    }
    case "signal":
      return { type, from: from.text(), to: from.text(), signal: readSignal(from) };
    case "shelf":
      return { type, rendition: from.u8(), epoch: from.u32(), blocks: from.rest().slice() };
    case "lists": {
      const units: Unit[] = [];
      while (from.left > 0) units.push(readUnit(from));
      return { type, units };
    }
    case "digests":
      return { type, unit: readUnit(from), digests: from.rest().slice() };
    case undefined:
      throw new MalformedError();
  }
}

function writeStanding(to: ByteWriter, { rendition, homes, uplink, spare, lags }: Standing): void {
  to.u8(rendition).u8(homes).u16(uplink).u32(bitsOf(spare)).u8(lags.length).bytes(lags);
}

function readStanding(from: ByteReader): Standing {
  return {
    rendition: from.u8(),
    homes: from.u8(),
    uplink: from.u16(),
    spare: runsOf(from.u32()),
    lags: from.bytes(from.u8()).slice(),
  };
}

function writeSignal(to: ByteWriter, signal: Signal): ByteWriter {
  if (signal.kind === "offer") return to.u8(OFFER).restText(signal.sdp);
  if (signal.kind === "answer") return to.u8(ANSWER).restText(signal.sdp);
  const { mid, candidate } = signal;
  return mid === null
    ? to.u8(CANDIDATE_WITHOUT_MID).restText(candidate)
    : to.u8(CANDIDATE).text(mid).restText(candidate);
}

function readSignal(from: ByteReader): Signal {
  if (from.left > MAX_SIGNAL_BYTES) throw new MalformedError();
  switch (from.u8()) {
    case OFFER:
      return { kind: "offer", sdp: from.restText() };
    case ANSWER:
      return { kind: "answer", sdp: from.restText() };
    case CANDIDATE: {
      const mid = from.text();
      return { kind: "candidate", candidate: from.restText(), mid };
    }
    case CANDIDATE_WITHOUT_MID:
      return { kind: "candidate", candidate: from.restText(), mid: null };
    default:
      throw new MalformedError();
  }
}

/** Runs as bits, run 0 the lowest. */
function bitsOf(runs: readonly number[]): number {
  return runs.reduce((bits, run) => bits | (1 << run), 0) >>> 0;
}

function runsOf(bits: number): number[] {
  return Array.from({ length: MAX_RUNS }, (_, run) => run).filter((run) =>
    (bits & (1 << run)) !== 0
  );
}
