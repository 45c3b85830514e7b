import { encodeHex } from "@std/encoding";
import type { CodedError } from "../../media/coded_error.ts";
import type { Platform } from "../../platform/platform.ts";
import { encodeFileIndex } from "../../protocol/file_index.ts";
import { parseUnitKey } from "../../protocol/unit.ts";
import { errorResponse } from "../error_response.ts";
import { IMMUTABLE, mediaResponse, rangeResponse } from "../media_response.ts";
import type { Film } from "./film.ts";
import type { IndexKeeper, KnownIndex } from "./index_keeper.ts";

/** A film may change under its address: who has it asks whether it did. */
const ASK_AGAIN = "no-cache";
/** Who asks for an index waits for it so long, ms: a small film is hashed meanwhile. */
const PATIENCE_MS = 1_000;
const RETRY_SECONDS = "2";
const BYTES_TYPE = "application/octet-stream";

/** Answers a GET or HEAD for a film, by range too. */
export function filmResponse(request: Request, film: Film): Response {
  const { length, contentType, etag, modifiedMs } = film;
  const response = rangeResponse(
    request,
    { length, contentType, etag, cacheControl: ASK_AGAIN },
    (span) => film.read(span),
  );
  if (modifiedMs !== undefined) {
    response.headers.set("Last-Modified", new Date(modifiedMs).toUTCString());
  }
  return response;
}

/** Answers with the index of a film, or with 202 while it is being made. */
export async function indexResponse(
  request: Request,
  film: Film,
  indexes: IndexKeeper,
  { after }: Pick<Platform, "after">,
): Promise<Response> {
  const known = await within(after, indexes.get(film));
  if (known === undefined) return notYet(film, indexes);
  if (!("index" in known)) return failed(known);
  const { index } = known;
  return mediaResponse(request, {
    bytes: encodeFileIndex(index),
    contentType: BYTES_TYPE,
    etag: `"${index.file.epoch}-${encodeHex(index.file.root)}"`,
    cacheControl: ASK_AGAIN,
  });
}

/** Answers with the digest list of a block of a film. */
export async function digestsResponse(
  request: Request,
  film: Film,
  unitKey: string,
  indexes: IndexKeeper,
  { after }: Pick<Platform, "after">,
): Promise<Response> {
  const unit = parseUnitKey(unitKey);
  const known = await within(after, indexes.get(film));
  if (known === undefined) return notYet(film, indexes);
  if (!("index" in known)) return failed(known);
  const bytes = unit && await known.digests(unit);
  if (!bytes) {
    return errorResponse(404, {
      code: "block-unknown",
      message: `${unitKey.slice(0, 50)} is no block of /vod/${film.path} as it is now.`,
      hint: "Get ?index again: the file has changed.",
    });
  }
  const etag = `"${unitKey}"`;
  return mediaResponse(request, { bytes, contentType: BYTES_TYPE, etag, cacheControl: IMMUTABLE });
}

/** The index, why there is none, or `undefined` after some waiting. */
async function within(
  after: Platform["after"],
  index: Promise<KnownIndex>,
): Promise<KnownIndex | CodedError | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const cancel = after(PATIENCE_MS, () => resolve(undefined));
  try {
    return await Promise.race([index.catch((error: CodedError) => error), late]);
  } finally {
    cancel();
  }
}

function notYet(film: Film, indexes: IndexKeeper): Response {
  const state = indexes.state(film);
  const read = state?.type === "hashing" ? state.readBytes / film.length : 0;
  // Not an error: browsers would write one into the page's console.
  return errorResponse(202, {
    code: "index-not-ready",
    message: `/vod/${film.path} is being indexed: ${Math.floor(100 * read)} % is done.`,
    hint: `Play it from the edge meanwhile, and ask again in ${RETRY_SECONDS} seconds.`,
  }, { "Retry-After": RETRY_SECONDS });
}

function failed({ code, message, hint }: CodedError): Response {
  return errorResponse(502, { code, message, hint });
}
