import { DELIMITER, join } from "@std/path";
import { CodedError } from "../../../edge/media/coded_error.ts";
import type { LocalMedia } from "./local_media.ts";
import { playablePaths } from "./local_page.ts";
import type { LocalServer } from "./local_server.ts";

/** Those that play both HLS and endless streams, in the order in which they are looked for. */
const PLAYERS = ["mpv", "vlc", "ffplay"];

/** The first player that is on the PATH. Throws a `CodedError` where there is none. */
export function findPlayer(path = Deno.env.get("PATH") ?? ""): string {
  const ending = Deno.build.os === "windows" ? ".exe" : "";
  for (const name of PLAYERS) {
    for (const folder of path.split(DELIMITER)) {
      if (folder !== "" && isFile(join(folder, name + ending))) return join(folder, name + ending);
    }
  }
  throw new CodedError(
    "no-player",
    `None of ${PLAYERS.join(", ")} is on the PATH.`,
    "Install one, or leave --open out and give the address that is printed to any other player.",
  );
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/**
 * Starts the player when there is something to play. It goes its own way from then on: the relay stays
 * when it is closed.
 */
export async function startPlayer(
  program: string,
  { url }: Pick<LocalServer, "url">,
  media: Pick<LocalMedia, "ready">,
): Promise<void> {
  try {
    const [path] = playablePaths(await media.ready());
    const args = [new URL(path!, url).href];
    new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" })
      .spawn().unref();
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    console.error(`player-not-started: ${program} was not started (${why}). Open ${url} by hand.`);
  }
}
