import type { CodedError } from "../../media/coded_error.ts";
import type { MediaPlaylist } from "../../media/playlist.ts";
import type { Polled } from "../pull_session.ts";
import type { RenditionPuller } from "../pull_rendition.ts";
import { resolveUri } from "../pull_upstream.ts";
import type { SourceRendition } from "../upstream_catalog.ts";
import { nextName } from "./next_name.ts";
import type { Shelf } from "./shelf.ts";
import { shelfPath } from "./shelf_upstream.ts";

/** One rendition of a source: takes from the shelf what the newest playlist lists, in order. */
export interface PushLane {
  readonly source: SourceRendition;
  /** The source has put this playlist. */
  offer(playlist: MediaPlaylist): void;
  /** Something is on the shelf that was not there before. */
  look(): void;
  /** The source counts from a new beginning. */
  restart(): void;
  /** Where the segment that comes next will lie on the shelf, as far as the names tell, and its number. */
  next(): { readonly path: string; readonly sequence: number } | undefined;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export function createPushLane({ source, shelf, puller, signal, before, polled }: {
  source: SourceRendition;
  shelf: Pick<Shelf, "has">;
  puller: RenditionPuller;
  signal: AbortSignal;
  /** Nothing is taken before this resolves: somebody else may still be using the puller. */
  before: Promise<unknown>;
  polled: (what: Polled) => void;
}): PushLane {
  let playlist: MediaPlaylist | undefined;
  /** Whether a look since the last playlist or file is still to be taken. */
  let due = false;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    await before;
    while (due && playlist && !signal.aborted) {
      due = false;
      try {
        const taken = await puller.take(arrived(playlist), source.url, signal);
        if (playlist.endList) polled({ type: "ended" });
        else polled({ type: taken > 0 ? "media" : "nothing-new" });
      } catch (error) {
        if (signal.aborted) return;
        polled({ type: "failed", error: error as CodedError });
      }
    }
  }

  /** Without what was put before this edge began: it will not come any more. */
  function arrived(listed: MediaPlaylist): MediaPlaylist {
    const { segments } = listed;
    const first = segments.findIndex(({ uri }) => {
      const path = shelfPath(resolveUri(uri, source.url));
      return path === undefined || shelf.has(path);
    });
    const from = first < 0 ? segments.length : first;
    return {
      ...listed,
      mediaSequence: listed.mediaSequence + from,
      segments: segments.slice(from),
    };
  }

  function look(): void {
    due = true;
    running ??= run().finally(() => running = undefined);
  }

  return {
    source,
    offer(next) {
      playlist = next;
      look();
    },
    look,
    restart() {
      playlist = undefined;
      puller.restart();
    },
    next() {
      const newest = puller.newest();
      const uri = newest && nextName(newest.uri);
      const path = uri === undefined ? undefined : shelfPath(resolveUri(uri, source.url));
      return path === undefined ? undefined : { path, sequence: newest!.sequence + 1 };
    },
    idle: () => running ?? Promise.resolve(),
  };
}
