import * as v from "valibot";
import { CodedError } from "../../edge/media/coded_error.ts";
import { ChannelAddress as Address } from "../../edge/protocol/channel.ts";

/** Where a channel is. */
export interface ChannelAddress {
  readonly name: string;
  /** URL of what the edge tells of it; of a private channel this and the others have its key. */
  readonly stats: string;
  /** Absolute URL of the edge, ending in a slash. */
  readonly edge: string;
  /** Absolute URL of the channel's media, ending in a slash. */
  readonly base: string;
  /** `ws:` or `wss:` URL of the swarm socket. */
  readonly tracker: string;
}

/** Codes by which an edge says that there is no such channel for who asks. */
const REFUSALS = ["unknown-channel", "private-channel", "wrong-watch-key"];
/** An edge that does not answer within this is taken for away, ms. */
const PATIENCE_MS = 10_000;

/**
 * Reads the address of a channel as people have it: its watch page (`…/watch/NAME`) or a playlist of
 * it (`…/live/NAME/….m3u8`). Throws a `CodedError` for anything else.
 */
export function parseChannelAddress(text: string): ChannelAddress {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw badAddress(text);
  const match = /^(.*\/)(?:watch\/([^/]+)\/?|live\/([^/]+)\/(?:.*\.m3u8)?)$/.exec(url.pathname);
  const address = match?.[2] ?? match?.[3];
  if (!v.is(Address, address)) throw badAddress(text);
  const edge = url.origin + match![1];
  return {
    name: address.split("~")[0]!,
    edge,
    stats: `${edge}api/channels/${address}/stats`,
    base: `${edge}live/${address}/`,
    tracker: `${edge.replace(/^http/, "ws")}swarm/${address}`,
  };
}

/** Makes sure that the channel is there. Throws a `CodedError` that says what is not. */
export async function findChannel(
  { edge, name, stats }: ChannelAddress,
  request: typeof fetch = fetch,
): Promise<void> {
  const { status, body } = await ask(stats, edge, request);
  const { name: found, error } = (body ?? {}) as {
    name?: string;
    error?: { code: string; message: string; hint: string };
  };
  if (status === 200 && found === name) return;
  if (error && REFUSALS.includes(error.code)) {
    throw new CodedError(error.code, error.message, error.hint);
  }
  throw new CodedError(
    "no-edge",
    `What answers at ${edge} is no edge (status ${status}).`,
    "Give the address of a watch page or a playlist that plays in a browser.",
  );
}

async function ask(
  url: string,
  edge: string,
  request: typeof fetch,
): Promise<{ status: number; body: unknown }> {
  try {
    const response = await request(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = await response.text();
    return { status: response.status, body: parseJson(text) };
  } catch (error) {
    throw new CodedError(
      "edge-away",
      `No edge answers at ${edge} (${error instanceof Error ? error.message : error}).`,
      "Check the address, and whether the edge runs.",
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function badAddress(text: string): CodedError {
  return new CodedError(
    "bad-channel-url",
    `${text} is no address of a channel.`,
    "Give its watch page, such as http://host:8000/watch/demo, or its playlist, such as " +
      "http://host:8000/live/demo/index.m3u8.",
  );
}
