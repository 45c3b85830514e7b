import { parseArgs } from "@std/cli/parse-args";
import * as v from "valibot";
import { CodedError } from "./media/coded_error.ts";
import { folderUrl } from "./origin/programme/programme_files.ts";
import { ChannelName } from "./protocol/channel.ts";

export interface CliOptions {
  readonly help: boolean;
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly pulls: readonly { readonly name: string; readonly url: string }[];
  readonly pushes: readonly { readonly name: string; readonly key: string }[];
  /** `url` is that of a schedule. */
  readonly programmes: readonly { readonly name: string; readonly url: string }[];
  /** Servers with files to watch: a folder's address, or one file's. */
  readonly films: readonly { readonly name: string; readonly url: string }[];
  /** Channels whose broadcasts are kept as films. */
  readonly records: readonly string[];
  /** TCP port for sources. */
  readonly ingestPort: number;
  readonly demo: boolean;
  /** Scheme, host and port under which others reach the edge. */
  readonly publicUrl: string | undefined;
  /** `required`: the port was asked for, so that the edge does not go on without it. */
  readonly stun: { readonly port: number; readonly required: boolean } | undefined;
}

/** Characters of a key that nobody guesses over HTTP, if it is not a word. */
const SHORTEST_KEY = 8;

export const DEMO = "demo";
/** STUN's own port (RFC 8489 §18.6). */
const STUN_PORT = "3478";

const LAST_PORT = 65_535;

export const USAGE = `Tributary: live streams that every viewer feeds.

deno task start [options]
  --port 8000        TCP port of the edge
  --host 127.0.0.1   address to listen on; 0.0.0.0 for all
  --data ./data      folder for what outlasts a restart
  --pull NAME=URL    a channel from a live HLS playlist elsewhere; as often as you like
  --programme NAME=URL  a channel made of a schedule of files, JSON or RSS; URL may be a file in --data
  --ingest NAME=KEY  a channel for a source that sends with this key; as often as you like
  --vod NAME=URL     films of another server below /vod/NAME/: a folder, URL ending in /, or one file
  --record NAME      broadcasts of that channel become films; as often as you like
  --ingest-port 8001 TCP port for sources; the one after --port if left out
  --public-url URL   the address under which others reach the edge, behind a proxy that speaks TLS
  --no-demo          without the demo channel
  --stun-port 3478   UDP port that tells peers their public address
  --no-stun          without it
  --help             this text
`;

const STRINGS = ["port", "host", "data", "stun-port", "ingest-port", "public-url"] as const;
const SWITCHES = ["help", "demo", "stun"] as const;

/** Reads the command line. Throws a `CodedError` for what it does not understand. */
export function parseCli(args: readonly string[]): CliOptions {
  const flags: Record<string, unknown> = parseArgs([...args], {
    string: [...STRINGS, "pull", "ingest", "programme", "vod", "record"],
    boolean: [...SWITCHES],
    negatable: ["demo", "stun"],
    collect: ["pull", "ingest", "programme", "vod", "record"],
    default: { port: "8000", host: "127.0.0.1", data: "./data", demo: true, stun: true },
    unknown(argument: string) {
      throw new CodedError(
        "unknown-argument",
        `${argument} is not an option of the edge.`,
        "deno task start --help lists them.",
      );
    },
  });
  const pulls = (flags.pull as string[]).map((text) => parseAddress("--pull", text));
  const films = (flags.vod as string[]).map((text) => parseAddress("--vod", text));
  const pushes = (flags.ingest as string[]).map(parseIngest);
  const programmes = (flags.programme as string[]).map(parseProgramme);
  const demo = flags.demo as boolean;
  const names = [
    ...(demo ? [DEMO] : []),
    ...[...pulls, ...pushes, ...programmes].map(({ name }) => name),
  ];
  refuseTwins(names);
  const records = flags.record as string[];
  refuseStrangers(records, names);
  const stunPort = flags["stun-port"];
  const port = parsePort("--port", flags.port);
  const ingestPort = flags["ingest-port"] ?? `${port > 0 ? Math.min(port + 1, LAST_PORT) : 0}`;
  return {
    help: flags.help as boolean,
    port,
    host: parseText("--host", flags.host),
    dataDir: parseText("--data", flags.data),
    pulls,
    pushes,
    programmes,
    films,
    records,
    ingestPort: parsePort("--ingest-port", ingestPort),
    demo,
    publicUrl: flags["public-url"] === undefined ? undefined : parsePublicUrl(flags["public-url"]),
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
  if (port <= LAST_PORT) return port;
  throw new CodedError(
    "bad-port",
    `${flag} ${value} is not a port.`,
    `Give ${flag} a number from 0 to 65535; 0 takes any that is free.`,
  );
}

function parsePublicUrl(value: unknown): string {
  const url = URL.parse(String(value));
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  throw new CodedError(
    "bad-public-url",
    `--public-url ${value} is not the address of a site.`,
    "Write https://, the host, and the port if it is not the usual one; no path.",
  );
}

function parseAddress(flag: "--pull" | "--vod", text: string): { name: string; url: string } {
  const [, name = "", url = ""] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  const sound = v.is(ChannelName, name) && /^https?:$/.test(URL.parse(url)?.protocol ?? "");
  if (sound) return { name, url };
  throw new CodedError(
    `bad-${flag.slice(2)}`,
    `${flag} ${text} is not NAME=URL.`,
    "NAME is 1 to 32 letters, digits, - or _; URL begins with http:// or https://.",
  );
}

function parseProgramme(text: string): { name: string; url: string } {
  const [, name = "", place = ""] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  const isUrl = /^[a-z][a-z0-9+.-]*:/i.test(place);
  const url = isUrl ? place : folderUrl(place);
  const sound = place !== "" && (!isUrl || /^https?:$/.test(URL.parse(url)?.protocol ?? ""));
  if (v.is(ChannelName, name) && sound) return { name, url };
  throw new CodedError(
    "bad-programme",
    `--programme ${text} is not NAME=URL.`,
    "NAME is 1 to 32 letters, digits, - or _; URL is that of a schedule, or its path in --data.",
  );
}

function parseIngest(text: string): { name: string; key: string } {
  const [, name = "", key = ""] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (v.is(ChannelName, name) && key.length >= SHORTEST_KEY) return { name, key };
  throw new CodedError(
    "bad-ingest",
    `--ingest ${name} is not NAME=KEY.`,
    `NAME is 1 to 32 letters, digits, - or _; KEY has ${SHORTEST_KEY} characters or more.`,
  );
}

function refuseStrangers(records: readonly string[], channels: readonly string[]): void {
  const stranger = records.find((name) => !channels.includes(name));
  if (stranger === undefined) return;
  throw new CodedError(
    "bad-record",
    `--record ${stranger} names no channel of this edge.`,
    channels.length > 0 ? `There is: ${channels.join(", ")}.` : "Add it with --ingest or --pull.",
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
