/** Programs that people watch and listen with. */
import { type Child, startChild } from "../support/child.ts";
import { freePort } from "../support/free_port.ts";
import { optionalProgram } from "../support/optional_program.ts";
import { waitUntil } from "../support/wait.ts";

/** Plays some seconds of an address. Resolves to its complaints, empty if there is nothing to complain about. */
export type Player = (url: string) => Promise<string>;

const SECONDS = 3;
const PICTURES = 75;
/** What two seconds of sound are, in whatever blocks of sound it comes; pictures are 10 a second or more. */
const VLC_SOUNDS = 80;
const VLC_PICTURES = 20;
const PATIENCE_MS = 40_000;

export async function output(program: string, args: readonly string[], env = {}) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  return { code, stdout, text: new TextDecoder().decode(stderr) };
}

const ALL: Readonly<Record<string, Player>> = {
  ffmpeg: (url) =>
    complaints("ffmpeg", ["-v", "warning", "-i", url, "-t", `${SECONDS}`, "-f", "null", "-"]),
  mpv: (url) =>
    complaints("mpv", [
      ...["--no-config", "--msg-level=all=warn", "--vo=null", "--ao=null"],
      // Its lengths count from 0, the demo's pictures from 1970, and others that come from on air.
      /demo|apart/.test(url) ? `--frames=${PICTURES}` : `--length=${SECONDS}`,
      url,
    ]),
  ffplay: playInFfplay,
  vlc: playInVlc,
};

/** By its name, every player of these that is installed. */
export const PLAYERS: Readonly<Record<string, Player>> = Object.fromEntries(
  Object.entries(ALL).filter(([name]) => optionalProgram(name)),
);
/** Those that are not. */
export const MISSING = Object.keys(ALL).filter((name) => !PLAYERS[name]);

async function complaints(program: string, args: readonly string[]): Promise<string> {
  const { code, text } = await output(program, args);
  return code === 0 ? text : `${text}\n${program} ended with ${code}`;
}

/** `  12.34 A-V: …`, several times a second, where the first number is its place, s. */
const STATUS = /^ *(?:nan|-?[\d.]+) +(?:A-V|M-[AV])?:.*$/gm;
const NO_SCREEN = /^Failed to initialize a hardware accelerated renderer.*$/gm;

async function playInFfplay(url: string): Promise<string> {
  // Without a screen and a loudspeaker its clock runs all the same.
  await using child = startChild("env", [
    ...["SDL_VIDEODRIVER=dummy", "SDL_AUDIODRIVER=dummy", "ffplay", "-v", "warning", "-stats"],
    url,
  ]);
  const told = () => child.log().replaceAll("\r", "\n");
  const places = () =>
    [...told().matchAll(/^ *(-?[\d.]+) +(?:A-V|M-[AV]):/gm)].map(([, s]) => Number(s));
  const played = () => (places().at(-1) ?? 0) - (places()[0] ?? 0);
  await playedOn(child, `ffplay ${url}`, () => played() >= SECONDS);
  return told().replaceAll(STATUS, "").replaceAll(NO_SCREEN, "").trim();
}

/** VLC is asked by its remote control what has been seen and heard; what it logs besides is about itself. */
async function playInVlc(url: string): Promise<string> {
  const port = freePort();
  // As root it does not run.
  const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--reset-env"];
  const [program, ...args] = [
    ...(Deno.uid() === 0 ? nobody : []),
    ...[
      "vlc",
      "-I",
      "oldrc",
      `--rc-host=127.0.0.1:${port}`,
      "--rc-fake-tty",
      "--vout=vdummy",
      "--aout=adummy",
      url,
    ],
  ];
  await using child = startChild(program!, args);
  const decoder = new TextDecoder();
  await playedOn(child, `vlc ${url}`, async () => {
    using remote = await Deno.connect({ port }).catch(() => undefined);
    if (!remote) return false;
    await remote.write(new TextEncoder().encode("stats\n"));
    let told = "";
    const block = new Uint8Array(4096);
    while (!told.includes("end of statistical info")) {
      const size = await remote.read(block);
      if (size === null) return false;
      told += decoder.decode(block.subarray(0, size));
    }
    const count = (what: string) => Number(new RegExp(`${what} *: *(\\d+)`).exec(told)?.[1]);
    return count("buffers played") >= VLC_SOUNDS &&
      (count("video decoded") === 0 || count("frames displayed") >= VLC_PICTURES);
  });
  return "";
}

async function playedOn(child: Child, what: string, holds: () => boolean | Promise<boolean>) {
  await waitUntil(what, holds, PATIENCE_MS).catch((error) => {
    throw new Error(`${what} does not play on:\n${child.log()}`, { cause: error });
  });
}
