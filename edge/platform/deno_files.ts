import { dirname, join } from "@std/path";
import type { FileFacts, Files } from "./files.ts";

/** What is read at once, bytes: as much as Deno reads by itself. */
const CHUNK_BYTES = 64 * 1024;

/** The files below `root`. */
export function createDenoFiles(root: string): Files {
  async function collect(folder: string, found: FileFacts[]): Promise<void> {
    for await (const { name, isFile, isDirectory } of Deno.readDir(join(root, folder))) {
      if (name.startsWith(".")) continue;
      const path = `${folder}/${name}`;
      if (isDirectory) await collect(path, found);
      const known = isFile ? await facts(path) : undefined;
      if (known) found.push(known);
    }
  }

  async function facts(path: string): Promise<FileFacts | undefined> {
    try {
      const { isFile, size, mtime } = await Deno.lstat(join(root, path));
      return isFile ? { path, length: size, modifiedMs: mtime?.getTime() ?? 0 } : undefined;
    } catch {
      return undefined;
    }
  }

  return {
    facts,
    async list(folder) {
      const found: FileFacts[] = [];
      // A folder that is not there, or goes while it is read, has no files.
      await collect(folder, found).catch(() => {});
      return found;
    },
    read(path, { from, to }) {
      let file: Deno.FsFile | undefined;
      let at = from;
      return new ReadableStream({
        async pull(controller) {
          try {
            if (!file) {
              file = await Deno.open(join(root, path));
              await file.seek(from, Deno.SeekMode.Start);
            }
            const bytes = new Uint8Array(Math.min(CHUNK_BYTES, to - at));
            const count = await file.read(bytes) ?? 0;
            if (count === 0) throw new RangeError(`${path} ends at byte ${at}, before ${to}`);
            at += count;
            controller.enqueue(bytes.subarray(0, count));
          } catch (error) {
            file?.close();
            throw error;
          }
          if (at < to) return;
          file.close();
          controller.close();
        },
        cancel: () => file?.close(),
      }, { highWaterMark: 0 });
    },
    async move(from, to) {
      await Deno.mkdir(dirname(join(root, to)), { recursive: true });
      await Deno.rename(join(root, from), join(root, to));
    },
    async create(path) {
      await Deno.mkdir(dirname(join(root, path)), { recursive: true });
      const file = await Deno.create(join(root, path));
      return {
        async write(bytes) {
          for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
        },
        truncate: (length) => file.truncate(length),
        close: () => file.close(),
      };
    },
  };
}
