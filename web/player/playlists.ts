import {
  initUriOf,
  writeMasterPlaylist,
  writeMediaPlaylist,
} from "../../edge/media/playlist_write.ts";
import type { ChannelDescription } from "../../edge/protocol/channel.ts";
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import type { Ledger } from "./ledger.ts";

/** What a playlist lists at first: an element asks for the oldest listed segment before it plays from the end. */
const FIRST_LISTED = 3;
/** What it grows to, so that a viewer may lag or seek back a little: half a minute of segments of 2 s. */
const LISTED = 15;

export interface PlaylistsOptions {
  /** Absolute URL of the channel's media, ending in a slash. A blob's playlist resolves no relative URI. */
  readonly base: string;
  readonly ledger: Ledger;
  /** Whether the element will get the unit when it asks: false for what only an absent edge has. */
  readonly isPlayable: (entry: LedgerEntry) => boolean;
}

/** A playlist, and the URI of the newest unit in it; a master playlist has none. */
export interface WrittenPlaylist {
  readonly text: string;
  readonly newest: string | undefined;
}

/** The playlists of a channel, made from its ledger: the edge is not asked again once a page has joined. */
export interface Playlists {
  /** The playlist at `path` below the base; `undefined` for one that is not known or empty. */
  write(channel: ChannelDescription, path: string): WrittenPlaylist | undefined;
  /** The element has asked for this unit: it stays listed while the element is near it. */
  demanded(entry: LedgerEntry): void;
}

export function createPlaylists({ base, ledger, isPlayable }: PlaylistsOptions): Playlists {
  /** By rendition: first listed sequence number, and where the element is. */
  const first = new Map<number, number>();
  const position = new Map<number, number>();

  function listed(rendition: number): readonly LedgerEntry[] {
    const playable = upTo(ledger.rendition(rendition), isPlayable);
    const newest = playable.at(-1)?.unit.sequence;
    if (newest === undefined) return [];
    const known = first.get(rendition);
    const near = (position.get(rendition) ?? newest) - 1;
    const wanted = known === undefined
      ? newest - FIRST_LISTED + 1
      // Numbers never go back (RFC 8216bis §6.2.2), and what the element is at stays.
      : Math.max(known, Math.min(near, newest - LISTED + 1));
    first.set(rendition, wanted);
    return playable.filter(({ unit }) => unit.sequence >= wanted);
  }

  function after({ unit: { rendition, sequence } }: LedgerEntry) {
    return ledger.rendition(rendition).filter(({ unit }) => unit.sequence > sequence)
      .map(({ unit, discontinuity }) => ({ sequence: unit.sequence, discontinuity }));
  }

  return {
    write(channel, path) {
      const resolve = (uri: string) => base + uri;
      if (channel.master && path === "index.m3u8") {
        return { text: writeMasterPlaylist(channel, resolve), newest: undefined };
      }
      const rendition = channel.renditions.find((one) =>
        one.playlist === path || !channel.master && path === "index.m3u8"
      );
      const entries = rendition && listed(rendition.id);
      if (!entries || entries.length === 0) return undefined;
      const text = writeMediaPlaylist({
        targetDurationMs: channel.targetDurationMs,
        lastDiscontinuity: rendition.lastDiscontinuity,
        unlisted: after(entries.at(-1)!),
        segments: entries.map((entry) => {
          const init = initUriOf(rendition, entry.unit.epoch);
          return {
            ...entry,
            uri: resolve(entry.uri),
            sequence: entry.unit.sequence,
            ...(init === undefined ? {} : { initUri: resolve(init) }),
          };
        }),
      });
      return { text, newest: entries.at(-1)!.uri };
    },
    demanded(entry) {
      position.set(entry.unit.rendition, entry.unit.sequence);
    },
  };
}

/** The entries up to the last playable one. */
function upTo(
  entries: readonly LedgerEntry[],
  isPlayable: (entry: LedgerEntry) => boolean,
): readonly LedgerEntry[] {
  return entries.slice(0, entries.findLastIndex(isPlayable) + 1);
}
