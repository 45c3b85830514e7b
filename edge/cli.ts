import { parseArgs } from "@std/cli/parse-args";
import * as v from "valibot";
import { CodedError } from "./media/coded_error.ts";
import { ChannelName } from "./protocol/channel.ts";

export interface CliOptions {
  readonly help: boolean;
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly pulls: readonly { readonly name: string; readonly url: string }[];
  readonly demo: boolean;
  /** `required`: the port was asked for, so that the edge does not go on without it. */
  readonly stun: { readonly port: number; readonly required: boolean } | undefined;
}

export const DEMO = "demo";
/** STUN's own port (RFC 8489 §18.6). */
const STUN_PORT = "3478";

export const USAGE = `Tributary: live streams that every viewer feeds.

deno task start [options]
  --port 8000        TCP port of the edge
  --host 127.0.0.1   address to listen on; 0.0.0.0 for all
  --data ./data      folder for what outlasts a restart
  --pull NAME=URL    a channel from a live HLS playlist elsewhere; as often as you like
  --no-demo          without the demo channel
  --stun-port 3478   UDP port that tells peers their public address
  --no-stun          without it
  --help             this text
`;

const STRINGS = ["port", "host", "data", "stun-port"] as const;
const SWITCHES = ["help", "demo", "stun"] as const;

/** Reads the command line. Throws a `CodedError` for what it does not understand. */
export function parseCli(args: readonly string[]): CliOptions {
  const flags: Record<string, unknown> = parseArgs([...args], {
    string: [...STRINGS, "pull"],
    boolean: [...SWITCHES],
    negatable: ["demo", "stun"],
    collect: ["pull"],
    default: { port: "8000", host: "127.0.0.1", data: "./data", demo: true, stun: true },
    unknown(argument: string) {
      throw new CodedError(
        "unknown-argument",
        `${argument} is not an option of the edge.`,
        "deno task start --help lists them.",
      );
    },
  });
  const pulls = (flags.pull as string[]).map(parsePull);
  const demo = flags.demo as boolean;
  refuseTwins([...(demo ? [DEMO] : []), ...pulls.map(({ name }) => name)]);
  const stunPort = flags["stun-port"];
  return {
    help: flags.help as boolean,
    port: parsePort("--port", flags.port),
    host: parseText("--host", flags.host),
    dataDir: parseText("--data", flags.data),
    pulls,
    demo,
    stun: flags.stun
      ? { port: parsePort("--stun-port", stunPort ?? STUN_PORT), required: stunPort !== undefined }
      : undefined,
  };
}

function parseText(flag: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new CodedError(
    "bad-argument",
    `${flag} was given without a value.`,
    `Write ${flag} and one value after it.`,
  );
}

function parsePort(flag: string, value: unknown): number {
  const port = /^\d{1,5}$/.test(String(value)) ? Number(value) : NaN;
  if (port <= 65_535) return port;
  throw new CodedError(
    "bad-port",
    `${flag} ${value} is not a port.`,
    `Give ${flag} a number from 0 to 65535; 0 takes any that is free.`,
  );
}

function parsePull(text: string): { name: string; url: string } {
  const [, name = "", url = ""] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  const sound = v.is(ChannelName, name) && /^https?:$/.test(URL.parse(url)?.protocol ?? "");
  if (sound) return { name, url };
  throw new CodedError(
    "bad-pull",
    `--pull ${text} is not NAME=URL.`,
    "NAME is 1 to 32 letters, digits, - or _; URL begins with http:// or https://.",
  );
}

function refuseTwins(names: readonly string[]): void {
  const twin = names.find((name, at) => names.indexOf(name) !== at);
  if (twin === undefined) return;
  throw new CodedError(
    "duplicate-channel",
    `Two channels are called ${twin}.`,
    twin === DEMO ? "Give yours another name, or add --no-demo." : "Give one another name.",
  );
}
