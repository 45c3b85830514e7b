import { deadline } from "@std/async/deadline";
import { delay } from "@std/async/delay";
import { CodedError } from "../../edge/media/coded_error.ts";
import type { SwarmSession } from "../net/swarm_session.ts";
import { findChannel } from "./channel_address.ts";
import { parseRelayCli, type RelayOptions, USAGE } from "./cli.ts";
import { type HeadlessOptions, openHeadlessSession } from "./headless_session.ts";
import { openLocalMedia } from "./listen/local_media.ts";
import { type LocalServer, serveLocally } from "./listen/local_server.ts";
import { findPlayer, startPlayer } from "./listen/player_program.ts";
import { createRates, readRelays } from "./reading.ts";
import { statusJson, statusLine } from "./status_line.ts";
import { linesEvery, openTerminal } from "./terminal.ts";

const BAD_USAGE = 2;
const FAILED = 1;
const JSON_EVERY_MS = 1_000;
/** What is said in leaving gets this long to leave the machine, ms: with 300 a goodbye was once not heard, on a busy one. */
const FAREWELL_MS = 1_000;

/** Joins, shows what it does, and leaves when told to. Answers the exit code; errors have been printed. */
export async function relayProgram(
  args: readonly string[],
  Connection: typeof RTCPeerConnection,
): Promise<number> {
  let failure = BAD_USAGE;
  try {
    const options = parseRelayCli(args);
    failure = FAILED;
    if (options) await relay(options, Connection);
    else console.log(USAGE);
    return 0;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    console.error(`${error.code}: ${error.message} ${error.hint}`);
    return failure;
  }
}

async function relay(options: RelayOptions, Connection: typeof RTCPeerConnection): Promise<void> {
  const { address, uploadCap, partners, count, listen } = options;
  const player = options.open ? findPlayer() : undefined;
  await findChannel(address);
  const refused = Promise.withResolvers<never>();
  const open = (callbacks: Partial<HeadlessOptions> = {}) =>
    openHeadlessSession(address, {
      conduct: {
        prefetch: "all",
        inject: true,
        upload: true,
        uploadCap,
        ...(partners === undefined ? {} : { partners }),
      },
      Connection,
      ...callbacks,
      beat() {
        const error = refusal(sessions);
        if (error) refused.reject(error);
        callbacks.beat?.();
      },
    });
  const media = listen && openLocalMedia(address, open);
  const sessions = Array.from(
    { length: count },
    (_, index) => index === 0 && media ? media.session : open(),
  );
  let server: LocalServer | undefined;
  let hide = () => {};
  const signal = signalled();
  try {
    if (media) {
      server = serveLocally(listen, address.name, media);
      console.error(`Players find it at ${server.url}`);
      if (player !== undefined) startPlayer(player, server, media);
    }
    hide = show(options, sessions);
    await Promise.race([signal.promise, refused.promise]);
  } finally {
    signal.ignore();
    hide();
    media?.close();
    for (const session of sessions) session.close();
    const farewell = delay(FAREWELL_MS);
    // A player that still reads must not keep the program.
    if (server) await deadline(server.stop(), FAREWELL_MS).catch(() => {});
    await farewell;
  }
}

/** An edge that has refused them all does not change its mind. */
function refusal(sessions: readonly SwarmSession[]): CodedError | undefined {
  const reasons = sessions.map((session) => session.view().refused);
  if (reasons.includes(undefined)) return undefined;
  return new CodedError(
    "refused",
    `The edge takes no relay from here (${reasons[0]}).`,
    "Use the relay that came with this edge's version.",
  );
}

/** Shows from time to time what the sessions do; answers how to end that. */
function show({ address, json }: RelayOptions, sessions: readonly SwarmSession[]): () => void {
  const output = json ? linesEvery(JSON_EVERY_MS) : openTerminal();
  const write = json ? statusJson : statusLine;
  const rates = createRates();
  const look = () => {
    const reading = readRelays(sessions, performance.now());
    return write(address.name, reading, rates(reading));
  };
  look();
  const timer = setInterval(() => output.show(look()), output.everyMs);
  return () => {
    clearInterval(timer);
    output.end();
  };
}

function signalled(): { readonly promise: Promise<void>; ignore(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, resolve);
  return {
    promise,
    ignore() {
      for (const signal of signals) Deno.removeSignalListener(signal, resolve);
    },
  };
}
