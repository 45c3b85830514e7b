import { createGrowingFile, type FileGrowth } from "./growing_file.ts";
import { IngestError } from "./ingest_error.ts";

/** What a source has put and not yet deleted, by path below the channel's ingest address. */
export interface Shelf {
  /**
   * Resolves when the file is whole and `check` has not thrown, and only then it is there. Rejects with what
   * `check` throws, or with an `IngestError`.
   */
  put(
    path: string,
    body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
    check?: (bytes: Uint8Array<ArrayBuffer>) => void,
  ): Promise<{ bytes: Uint8Array<ArrayBuffer>; before: Uint8Array<ArrayBuffer> | undefined }>;
  /** What is being put under `path` just now is waited for. */
  get(path: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** What is there, or what is being put, as it comes: then it errors where the file proves to be none. */
  stream(path: string): ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
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
  const open = new Map<string, { reading: Promise<unknown>; growth: FileGrowth }>();
  let held = 0;

  function remove(path: string): boolean {
    held -= files.get(path)?.length ?? 0;
    return files.delete(path);
  }

  async function read(
    path: string,
    body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
    growth: FileGrowth,
  ): Promise<Uint8Array<ArrayBuffer>> {
    try {
      // Leaving the loop cancels the body.
      for await (const part of body ?? []) {
        growth.push(part);
        if (growth.size() > limits.maxFileBytes) break;
      }
    } catch {
      throw new IngestError(
        400,
        "upload-broken-off",
        `${path} broke off before its end.`,
        "It was thrown away; send it again, whole.",
      );
    }
    if (growth.size() <= limits.maxFileBytes) return growth.bytes();
    throw new IngestError(
      413,
      "upload-too-large",
      `${path} has more than ${limits.maxFileBytes} bytes.`,
      "Make segments shorter, or the bitrate lower.",
    );
  }

  return {
    async put(path, body, check = () => {}) {
      if (open.size >= limits.maxOpen) {
        await body?.cancel();
        throw new IngestError(
          429,
          "too-many-uploads",
          `More than ${limits.maxOpen} files are being sent at one time.`,
          "Send them one after the other.",
        );
      }
      const growth = createGrowingFile();
      const reading = read(path, body, growth);
      open.set(path, { reading, growth });
      try {
        const bytes = await reading;
        check(bytes);
        const before = files.get(path);
        remove(path);
        files.set(path, bytes);
        held += bytes.length;
        while (held > limits.maxBytes && files.size > 1) remove(files.keys().next().value!);
        growth.seal();
        return { bytes, before };
      } catch (error) {
        growth.fail();
        throw error;
      } finally {
        if (open.get(path)?.growth === growth) open.delete(path);
      }
    },
    async get(path) {
      await open.get(path)?.reading.catch(() => {});
      return files.get(path);
    },
    stream(path) {
      const growth = open.get(path)?.growth;
      if (growth) return growth.stream();
      const file = files.get(path);
      return file && ReadableStream.from([file]);
    },
    has: (path) => files.has(path) || open.has(path),
    delete: remove,
    clear() {
      files.clear();
      held = 0;
    },
  };
}
