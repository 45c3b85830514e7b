/** The edge on Deno: reads the command line, opens what the machine gives, serves until told to stop. */
import { delay } from "@std/async/delay";
import { fromFileUrl } from "@std/path";
import { announce } from "./announce.ts";
import { createEdge } from "./app.ts";
import type { ChannelSource } from "./channels/source.ts";
import { loopSource, programmeSource, pullSource, pushSource } from "./channels/sources.ts";
import { type CliOptions, DEMO, parseCli, USAGE } from "./cli.ts";
import { CodedError } from "./media/coded_error.ts";
import { createDenoPlatform } from "./platform/deno.ts";
import type { Platform } from "./platform/platform.ts";
import { serveSources, type SourceHandler, type SourcePort } from "./platform/source_port.ts";
import { startStun, type StunServer } from "./platform/stun_udp.ts";

type ServeInfo = Deno.ServeHandlerInfo<Deno.NetAddr>;

const BAD_USAGE = 2;
const FAILED = 1;
/** Sockets get this long to say goodbye. */
const FAREWELL_MS = 700;

const DIST = fromFileUrl(new URL("../dist/", import.meta.url));
const CLIP = new URL("./origin/demo/clip.mp4", import.meta.url);

async function main(): Promise<void> {
  const options = orExit(BAD_USAGE, () => parseCli(Deno.args));
  if (options.help) return console.log(USAGE);
  try {
    await run(options);
  } catch (error) {
    fail(FAILED, error);
  }
}

async function run(options: CliOptions): Promise<void> {
  const platform = await createDenoPlatform({ dataDir: options.dataDir, distDir: DIST });
  const stun = openStun(options);
  const edge = createEdge(platform, {
    channels: await sources(options, platform),
    filmServers: options.films,
    record: options.records,
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
    iceServers: (host) => stun ? [`stun:${host}:${stun.port}`] : [],
    clientAddress: (info) => (info as ServeInfo).remoteAddr.hostname,
  });
  const server = listen(options, (request, info) => edge.app.fetch(request, info));
  const sourcePort = openSourcePort(options, (request, info) => edge.sources.fetch(request, info));
  announce({
    host: options.host,
    port: server.addr.port,
    channels: channelNames(options),
    ingests: options.pushes.map(({ name }) => name),
    ingestPort: sourcePort?.port,
    stun: stun?.port,
  });
  await signalled();
  const stopped = Promise.all([edge.stop(), sourcePort?.stop()]);
  // Deno's shutdown would close the sockets with a code of its own: ours goes first.
  const closed = platform.socketsClosed().then(() => server.shutdown());
  await Promise.race([Promise.all([stopped, closed]), delay(FAREWELL_MS)]);
  await stun?.stop();
  platform.close();
  // A client that still reads a body must not keep the process.
  Deno.exit(0);
}

async function sources(
  { demo, pulls, pushes, programmes }: CliOptions,
  platform: Platform,
): Promise<ChannelSource[]> {
  const clip = demo
    ? [loopSource({
      name: DEMO,
      title: "Tributary demo",
      poster: "demo/poster.jpg",
      clip: await Deno.readFile(CLIP),
    })]
    : [];
  const scheduled = await Promise.all(programmes.map((one) => programmeSource(one, platform)));
  return [...clip, ...pulls.map(pullSource), ...pushes.map(pushSource), ...scheduled];
}

function channelNames({ demo, pulls, pushes, programmes }: CliOptions): string[] {
  const named = [...pulls, ...pushes, ...programmes];
  return [...(demo ? [DEMO] : []), ...named.map(({ name }) => name)];
}

function listen(
  { host, port }: CliOptions,
  handler: (request: Request, info: ServeInfo) => Response | Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  return listening(
    () => Deno.serve({ hostname: host, port, onListen: () => {} }, handler),
    { host, port, flag: "--port" },
  );
}

/** Only where a channel waits for a source. */
function openSourcePort(
  { host, ingestPort: port, pushes }: CliOptions,
  handler: SourceHandler,
): SourcePort | undefined {
  if (pushes.length === 0) return undefined;
  return listening(
    () => serveSources({ hostname: host, port }, handler),
    { host, port, flag: "--ingest-port" },
  );
}

function listening<T>(
  listen: () => T,
  { host, port, flag }: { host: string; port: number; flag: string },
): T {
  try {
    return listen();
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new CodedError("port-in-use", `Port ${port} is taken.`, `Choose another with ${flag}.`);
    }
    const why = error instanceof Error ? error.message : String(error);
    throw new CodedError(
      "cannot-listen",
      `The edge cannot listen on ${host}, port ${port} (${why}).`,
      `Choose an address of this machine with --host, and a port with ${flag}.`,
    );
  }
}

/** STUN makes more peers meet; the edge does without it, unless its port was asked for. */
function openStun({ host, stun }: CliOptions): StunServer | undefined {
  if (!stun) return undefined;
  try {
    return startStun({ host, port: stun.port });
  } catch (error) {
    const problem = new CodedError(
      "stun-unavailable",
      `UDP port ${stun.port} for STUN cannot be opened (${(error as Error).message}).`,
      "Choose another with --stun-port, or leave it out with --no-stun.",
    );
    if (stun.required) throw problem;
    console.error(`${describe(problem)} Until then peers meet only on one network.`);
    return undefined;
  }
}

function signalled(): Promise<void> {
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  return new Promise((resolve) => {
    for (const signal of signals) Deno.addSignalListener(signal, resolve);
  });
}

function orExit<T>(code: number, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    return fail(code, error);
  }
}

function fail(code: number, error: unknown): never {
  if (!(error instanceof CodedError)) throw error;
  console.error(describe(error));
  Deno.exit(code);
}

function describe({ code, message, hint }: CodedError): string {
  return `${code}: ${message} ${hint}`;
}

await main();
