import { root } from "../support/build.ts";
import { startChild } from "../support/child.ts";

/** A WebTorrent tracker that is not ours, in a process of its own. */
export interface WebTorrentTracker extends AsyncDisposable {
  /** `ws://127.0.0.1:PORT` */
  readonly url: string;
}

const START_TIMEOUT_MS = 20_000;

export async function startWebTorrentTracker(): Promise<WebTorrentTracker> {
  const program = "tests/bench/webtorrent_tracker_program.ts";
  const child = startChild(Deno.execPath(), ["run", "-A", program], root);
  try {
    const [url] = await child.printed(/ws:\/\/127\.0\.0\.1:\d+/, START_TIMEOUT_MS);
    return { url, [Symbol.asyncDispose]: () => child.end("SIGKILL") };
  } catch (error) {
    await child.end("SIGKILL");
    throw error;
  }
}
