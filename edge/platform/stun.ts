/**
 * The server's side of a STUN binding (RFC 8489): tells who asks which address its packet came
 * from. Pure; the socket is in `stun_udp.ts`.
 */
import { parseAddress } from "./ip_address.ts";

const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const BINDING_ERROR = 0x0111;
const MAGIC_COOKIE = 0x2112a442;
const HEADER_BYTES = 20;

const ERROR_CODE = 0x0009;
const UNKNOWN_ATTRIBUTES = 0x000a;
const XOR_MAPPED_ADDRESS = 0x0020;
const FINGERPRINT = 0x8028;
const FINGERPRINT_BYTES = 8;
const FINGERPRINT_XOR = 0x5354554e;
/** Attributes below this must be understood (RFC 8489 §5). */
const OPTIONAL_FROM = 0x8000;

/** Where a packet came from. */
export interface Sender {
  /** IPv4 or IPv6, as text. */
  readonly address: string;
  readonly port: number;
}

interface Attribute {
  readonly type: number;
  readonly value: Uint8Array;
  /** Where it begins in the message. */
  readonly at: number;
}

/**
 * The answer to a binding request: success with XOR-MAPPED-ADDRESS, or error 420 where the request
 * has attributes that must be understood and are not. Carries a FINGERPRINT if the request does.
 * `undefined` for everything else, which gets no answer.
 */
export function answerStun(packet: Uint8Array, sender: Sender): Uint8Array | undefined {
  const attributes = readBindingRequest(packet);
  const address = parseAddress(sender.address);
  if (!attributes || !address) return undefined;
  const transaction = packet.subarray(4, HEADER_BYTES);
  const signed = attributes.at(-1)?.type === FINGERPRINT;
  const unknown = attributes.map(({ type }) => type)
    .filter((type) => type < OPTIONAL_FROM);
  if (unknown.length > 0) {
    const body = [...errorCode(420), ...attribute(UNKNOWN_ATTRIBUTES, unknown.flatMap(u16))];
    return message(BINDING_ERROR, transaction, body, signed);
  }
  // The address is masked with cookie and transaction id, so that no middlebox rewrites it (§14.2).
  const masked = [...address].map((byte, at) => byte ^ transaction[at]!);
  const port = sender.port ^ (MAGIC_COOKIE >>> 16);
  const family = address.length === 4 ? 1 : 2;
  const body = attribute(XOR_MAPPED_ADDRESS, [0, family, ...u16(port), ...masked]);
  return message(BINDING_SUCCESS, transaction, body, signed);
}

/** The request's attributes, or `undefined` where the packet is no sound binding request. */
function readBindingRequest(packet: Uint8Array): Attribute[] | undefined {
  if (packet.length < HEADER_BYTES || packet.length % 4 !== 0) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const sound = view.getUint16(0) === BINDING_REQUEST &&
    view.getUint16(2) === packet.length - HEADER_BYTES && view.getUint32(4) === MAGIC_COOKIE;
  if (!sound) return undefined;
  const attributes: Attribute[] = [];
  for (let at = HEADER_BYTES; at < packet.length;) {
    const type = view.getUint16(at);
    const length = view.getUint16(at + 2);
    const end = at + 4 + length;
    if (end > packet.length) return undefined;
    attributes.push({ type, value: packet.subarray(at + 4, end), at });
    at += 4 + padded(length);
  }
  const fingerprint = attributes.find(({ type }) => type === FINGERPRINT);
  if (fingerprint && !isFingerprint(fingerprint, packet)) return undefined;
  return attributes;
}

/** FINGERPRINT comes last and is the CRC-32 of all before it, masked (§14.7). */
function isFingerprint({ value, at }: Attribute, packet: Uint8Array): boolean {
  if (at + FINGERPRINT_BYTES !== packet.length || value.length !== 4) return false;
  const expected = u32(fingerprintOf(packet.subarray(0, at)));
  return expected.every((byte, index) => byte === value[index]);
}

function message(
  type: number,
  transaction: Uint8Array,
  body: readonly number[],
  signed: boolean,
): Uint8Array {
  const length = body.length + (signed ? FINGERPRINT_BYTES : 0);
  const bytes = [...u16(type), ...u16(length), ...transaction, ...body];
  if (signed) bytes.push(...attribute(FINGERPRINT, u32(fingerprintOf(bytes))));
  return Uint8Array.from(bytes);
}

function attribute(type: number, value: readonly number[]): number[] {
  const padding = padded(value.length) - value.length;
  return [...u16(type), ...u16(value.length), ...value, ...new Array<number>(padding).fill(0)];
}

function errorCode(code: number): number[] {
  return attribute(ERROR_CODE, [0, 0, Math.floor(code / 100), code % 100]);
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

function u16(value: number): number[] {
  return [value >>> 8, value & 0xff];
}

function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)];
}

function fingerprintOf(bytes: Iterable<number>): number {
  return (crc32(bytes) ^ FINGERPRINT_XOR) >>> 0;
}

/** CRC-32 as in ITU V.42. */
function crc32(bytes: Iterable<number>): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
