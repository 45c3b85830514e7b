import { readLimited } from "../read_limited.ts";
import { IngestError } from "./ingest_error.ts";

/** What a source has put and not yet deleted, by path below the channel's ingest address. */
export interface Shelf {
  /** Resolves when the file is whole, and only then it is there. Rejects with an `IngestError`. */
  put(
    path: string,
    body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  ): Promise<{ bytes: Uint8Array<ArrayBuffer>; before: Uint8Array<ArrayBuffer> | undefined }>;
  /** What is being put under `path` just now is waited for. */
  get(path: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Whether there is something under `path`, or will be once it is whole. */
  has(path: string): boolean;
  /** `false` if there was nothing. */
  delete(path: string): boolean;
  clear(): void;
}

export interface ShelfLimits {
  readonly maxFileBytes: number;
  /** Of all files; the oldest are dropped: what was published is in the live window. */
  readonly maxBytes: number;
  /** Files that are being put at one time. */
  readonly maxOpen: number;
}

const MIB = 1024 * 1024;
const SHELF_LIMITS: ShelfLimits = {
  maxFileBytes: 64 * MIB,
  maxBytes: 128 * MIB,
  maxOpen: 64,
};

export function createShelf(limits: ShelfLimits = SHELF_LIMITS): Shelf {
  /** Oldest first. */
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const open = new Map<string, Promise<unknown>>();
  let held = 0;

  function remove(path: string): boolean {
    held -= files.get(path)?.length ?? 0;
    return files.delete(path);
  }

  async function read(path: string, body: ReadableStream<Uint8Array<ArrayBuffer>> | null) {
    const bytes = await readLimited(body, limits.maxFileBytes).catch(() => {
      throw new IngestError(
        400,
        "upload-broken-off",
        `${path} broke off before its end.`,
        "It was thrown away; send it again, whole.",
      );
    });
    if (bytes) return bytes;
    throw new IngestError(
      413,
      "upload-too-large",
      `${path} has more than ${limits.maxFileBytes} bytes.`,
      "Make segments shorter, or the bitrate lower.",
    );
  }

  return {
    async put(path, body) {
      if (open.size >= limits.maxOpen) {
        await body?.cancel();
        throw new IngestError(
          429,
          "too-many-uploads",
          `More than ${limits.maxOpen} files are being sent at one time.`,
          "Send them one after the other.",
        );
      }
      const reading = read(path, body);
      open.set(path, reading);
      try {
        const bytes = await reading;
        const before = files.get(path);
        remove(path);
        files.set(path, bytes);
        held += bytes.length;
        while (held > limits.maxBytes && files.size > 1) remove(files.keys().next().value!);
        return { bytes, before };
      } finally {
        if (open.get(path) === reading) open.delete(path);
      }
    },
    async get(path) {
      await open.get(path)?.catch(() => {});
      return files.get(path);
    },
    has: (path) => files.has(path) || open.has(path),
    delete: remove,
    clear() {
      files.clear();
      held = 0;
    },
  };
}
