/** The indexes of films: each made once, and kept over restarts. */
import { concat } from "@std/bytes/concat";
import { CodedError } from "../../media/coded_error.ts";
import type { Files } from "../../platform/files.ts";
import type { Platform } from "../../platform/platform.ts";
import { sameBytes } from "../../protocol/bytes.ts";
import { BLOCK_PIECES, blockCount, type FileIndex } from "../../protocol/file_index.ts";
import { DIGEST_BYTES } from "../../protocol/ledger_entry.ts";
import type { Unit } from "../../protocol/unit.ts";
import type { Film } from "./film.ts";
import { cutFilm, type Hashed, hashFilm, rootsOfLists } from "./hashing.ts";

/** What is known of a film's pieces. */
export interface KnownIndex {
  readonly index: FileIndex;
  /** The digest list of a block; `undefined` where it is none of this film as it is. */
  digests(unit: Unit): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

export type IndexState =
  | { readonly type: "waiting" }
  | { readonly type: "hashing"; readonly readBytes: number }
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly error: CodedError };

export interface IndexKeeper {
  /** The film's index, begun by the first who asks. Rejects with a `CodedError`; who asks later begins anew. */
  get(film: Film): Promise<KnownIndex>;
  /** `undefined`: nobody has asked. */
  state(film: Film): IndexState | undefined;
}

/** What is kept of an index, besides its digest lists, which are a file. */
interface Kept {
  readonly etag: string;
  readonly epoch: number;
  readonly root: Uint8Array<ArrayBuffer>;
}

interface Work {
  readonly etag: string;
  readonly done: Promise<KnownIndex>;
  state: IndexState;
}

export function createIndexKeeper(
  { store, log }: Pick<Platform, "store" | "log">,
  files: Files,
): IndexKeeper {
  const works = new Map<string, Work>();
  /** One film is read at a time: all at once would be slower, and disturb those who watch. */
  let before: Promise<unknown> = Promise.resolve();

  function begin(film: Film): Work {
    const turn = before;
    const work: Work = {
      etag: film.etag,
      state: { type: "waiting" },
      done: turn.then(() => load(film, work)).then((known) => {
        work.state = { type: "ready" };
        return known;
      }, (reason) => {
        const error = unreadable(film, reason);
        work.state = { type: "failed", error };
        log({ level: "warn", code: error.code, message: `${error.message} ${error.hint}` });
        throw error;
      }),
    };
    before = work.done.catch(() => {});
    works.set(film.path, work);
    return work;
  }

  async function load(film: Film, work: Work): Promise<KnownIndex> {
    const key = ["film", film.path];
    const kept = await store.get<Kept>(key);
    const known = kept?.etag === film.etag
      ? await readLists(film).catch(() => undefined)
      : undefined;
    if (kept && known && sameBytes(known.root, kept.root)) return indexOf(film, kept.epoch, known);
    const writer = await files.create(listsPath(film));
    let hashed: Hashed;
    try {
      hashed = await hashFilm(film, async (list, readBytes) => {
        work.state = { type: "hashing", readBytes };
        await writer.write(list);
      });
    } finally {
      writer.close();
    }
    const same = kept !== undefined && sameBytes(kept.root, hashed.root);
    const epoch = same ? kept.epoch : (kept?.epoch ?? 0) + 1;
    await store.set(key, { etag: film.etag, epoch, root: hashed.root } satisfies Kept);
    return indexOf(film, epoch, hashed);
  }

  async function readLists(film: Film): Promise<Hashed> {
    const facts = await files.facts(listsPath(film));
    const lists = await bytesOf(files.read(listsPath(film), { from: 0, to: facts?.length ?? 0 }));
    return await rootsOfLists(lists, film);
  }

  function indexOf(film: Film, epoch: number, { roots, root }: Hashed): KnownIndex {
    const file = { epoch, rendition: 0, uri: film.path, durationMs: 0, root, ...cutFilm(film) };
    const pieces = Math.ceil(file.length / file.pieceBytes);
    return {
      index: { file, roots },
      async digests({ epoch: asked, rendition, sequence }) {
        if (asked !== epoch || rendition !== 0 || sequence >= blockCount(file)) return undefined;
        const from = sequence * BLOCK_PIECES;
        const span = { from, to: Math.min(pieces, from + BLOCK_PIECES) };
        return await bytesOf(files.read(listsPath(film), {
          from: span.from * DIGEST_BYTES,
          to: span.to * DIGEST_BYTES,
        }));
      },
    };
  }

  return {
    get(film) {
      const work = works.get(film.path);
      const good = work?.etag === film.etag && work.state.type !== "failed";
      return (good ? work : begin(film)).done;
    },
    state(film) {
      const work = works.get(film.path);
      return work?.etag === film.etag ? work.state : undefined;
    },
  };
}

function listsPath({ path }: Film): string {
  return `film-digests/${path}`;
}

async function bytesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  return concat(await Array.fromAsync(stream)) as Uint8Array<ArrayBuffer>;
}

function unreadable({ path }: Film, reason: unknown): CodedError {
  if (reason instanceof CodedError) return reason;
  return new CodedError(
    "film-unreadable",
    `/vod/${path} could not be indexed (${reason instanceof Error ? reason.message : reason}).`,
    "It plays from the edge alone; check the file, and that the data folder can be written.",
  );
}
