import { parseArgs } from "@std/cli/parse-args";
import { CodedError } from "../../edge/media/coded_error.ts";
import { parseAmount } from "../tag_options.ts";
import { type ChannelAddress, parseChannelAddress } from "./channel_address.ts";
import { DEFAULT_LISTEN, type ListenAddress, parseListen } from "./listen/listen_address.ts";

export interface RelayOptions {
  readonly address: ChannelAddress;
  /** bytes/s, of each relay. */
  readonly uploadCap: number;
  /** Partners that each relay seeks; `undefined`: by its uplink. */
  readonly partners: number | undefined;
  /** Relays in this process. */
  readonly count: number;
  readonly json: boolean;
  /** Where players find what is received; `undefined`: nowhere. */
  readonly listen: ListenAddress | undefined;
  /** Starts a player. */
  readonly open: boolean;
}

export const USAGE =
  `Gives this machine's uplink to a channel's viewers, and plays the channel in any player.

deno task relay CHANNEL_URL [options]
  CHANNEL_URL      its watch page or its playlist, on any edge
  --upload 20M     the most that goes out, bits per second
  --peers N        how many partners it seeks; by its uplink if it is not said
  --count 1        relays in this process, each with its own upload
  --listen 7144    serves what it receives to players on this machine, at http://localhost:7144/;
                   HOST:PORT, such as 0.0.0.0:7144, to those of others too
  --open           starts mpv, VLC or ffplay on it, the first that is there
  --json           one JSON object a second instead of a line for people
  --help           this text

Ctrl-C leaves.
`;

/** More relays in one process than its one thread can serve. */
const MAX_COUNT = 200;
/** More partners than an edge introduces anyone to. */
const MAX_PARTNERS = 64;

/** Reads the command line; `undefined`: help is wanted. Throws a `CodedError` for what it does not understand. */
export function parseRelayCli(args: readonly string[]): RelayOptions | undefined {
  const flags: Record<string, unknown> & { _: (string | number)[] } = parseArgs([...args], {
    string: ["upload", "peers", "count", "listen"],
    boolean: ["json", "open", "help"],
    default: { upload: "20M", count: "1" },
    unknown(argument: string) {
      if (argument.startsWith("-")) throw unknownArgument(argument);
    },
  });
  if (flags.help) return undefined;
  const [url, ...others] = flags._.map(String);
  if (url === undefined) {
    throw new CodedError(
      "no-channel",
      "There is no channel to relay.",
      "deno task relay CHANNEL_URL, such as http://host:8000/watch/demo.",
    );
  }
  if (others.length > 0) throw unknownArgument(others[0]!);
  return {
    address: parseChannelAddress(url),
    uploadCap: parseRate("--upload", flags.upload) / 8,
    partners: flags.peers === undefined
      ? undefined
      : parseCount("--peers", flags.peers, MAX_PARTNERS),
    count: parseCount("--count", flags.count, MAX_COUNT),
    json: flags.json === true,
    listen: flags.listen !== undefined
      ? parseListen(String(flags.listen))
      : flags.open
      ? DEFAULT_LISTEN
      : undefined,
    open: flags.open === true,
  };
}

/** bits/s */
export function parseRate(flag: string, text: unknown): number {
  const rate = parseAmount(String(text));
  if (rate !== undefined && rate > 0) return rate;
  throw new CodedError(
    "bad-rate",
    `${flag} ${text} is no rate.`,
    `Give ${flag} bits per second, such as 500k or 20M.`,
  );
}

/** From 1 to `max`. */
export function parseCount(flag: string, text: unknown, max: number): number {
  const count = /^\d{1,6}$/.test(String(text)) ? Number(text) : 0;
  if (count >= 1 && count <= max) return count;
  throw new CodedError(
    "bad-count",
    `${flag} ${text} is no number from 1 to ${max}.`,
    `Write a number after ${flag}.`,
  );
}

function unknownArgument(argument: string): CodedError {
  return new CodedError(
    "unknown-argument",
    `${argument} is not an option of the relay.`,
    "deno task relay --help lists them.",
  );
}
