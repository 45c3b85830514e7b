import * as v from "valibot";

/** Where a source sends, and as whom. */
export interface IngestAddress {
  readonly channel: string;
  readonly key: string;
  /** Tells this studio from another one behind the same address. */
  readonly user: string;
}

/** The edge does not take it, and says why. Sending the same again would not help. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;

  constructor(status: number, { code, message, hint }: v.InferOutput<typeof Said>) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

/** A file that has not gone up for so long has failed, ms: five times what it holds. */
const PATIENCE_MS = 10_000;
/** What the edge may say of a file that got damaged on its way, or when it is busy. */
const WORTH_REPEATING = ["upload-broken-off", "segment-truncated", "too-many-uploads"];

const CREATED = 201;

const Said = v.object({ code: v.string(), message: v.string(), hint: v.string() });
const ErrorBody = v.object({ error: Said });

export interface PutOptions {
  /** Whoever is on air is sent away. */
  readonly takeOver?: boolean;
  /** The page goes, and the request is to outlive it. */
  readonly farewell?: boolean;
}

/** Puts files below the ingest address of a channel. */
export interface Ingest {
  /**
   * Answers whether the edge had nothing under that name before. Throws a `Refusal`, or anything else
   * for what is worth trying again.
   */
  put(name: string, body: BodyInit, options?: PutOptions): Promise<{ isNew: boolean }>;
}

export function createIngest({ channel, key, user }: IngestAddress): Ingest {
  return {
    async put(name, body, { takeOver, farewell } = {}) {
      const response = await fetch(`/ingest/${channel}/${name}`, {
        method: "PUT",
        body,
        headers: {
          // The user has to be said as well, and a bearer token has none.
          Authorization: `Basic ${base64(`${user}:${key}`)}`,
          ...(takeOver ? { "Tributary-Takeover": "1" } : {}),
        },
        // With credentials the browser would ask for a password of its own where the key is wrong.
        credentials: "omit",
        ...(farewell ? { keepalive: true } : { signal: AbortSignal.timeout(PATIENCE_MS) }),
      });
      if (response.ok) {
        await response.arrayBuffer();
        return { isNew: response.status === CREATED };
      }
      const said = v.safeParse(ErrorBody, await response.json().catch(() => undefined));
      const again = response.status >= 500 || !said.success ||
        WORTH_REPEATING.includes(said.output.error.code);
      if (again) throw new Error(`${name}: ${response.status}`);
      throw new Refusal(response.status, said.output.error);
    },
  };
}

/** RFC 7617 §2.1: of UTF-8. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
