import { CodedError } from "../../media/coded_error.ts";
import type { Platform } from "../../platform/platform.ts";
import { createUpstream, type FilePart, type LoadedText } from "../pull_upstream.ts";
import { readLimited } from "../read_limited.ts";
import { UpstreamError } from "../upstream_error.ts";

/** What a schedule and its items are read from: web servers, and the data folder for a schedule that lies there. */
export interface ProgrammeFiles {
  part(
    url: string,
    range: { offset: number; length: number },
    signal: AbortSignal,
  ): Promise<FilePart>;
  /** `undefined` if it has not changed. */
  text(url: string, etag: string | undefined, signal: AbortSignal): Promise<LoadedText | undefined>;
  /** What web servers were asked. */
  stats(): { requests: number; bytes: number; failures: number };
}

/** Addresses of files in the data folder; they resolve as any others, and lead nowhere else. */
const FOLDER = "data-folder:";
const MAX_TEXT_BYTES = 1024 * 1024;

/** The address of a file below the data folder. */
export function folderUrl(path: string): string {
  return new URL(path.split("/").map(encodeURIComponent).join("/"), `${FOLDER}///`).href;
}

export function createProgrammeFiles(platform: Platform): ProgrammeFiles {
  const upstream = createUpstream(platform);

  async function facts(url: string) {
    const path = pathOf(url);
    const found = path === undefined ? undefined : await platform.files?.facts(path);
    if (found) return { ...found, version: `${found.length}-${found.modifiedMs}` };
    throw new CodedError(
      "file-missing",
      `There is no file ${path ?? url} in the data folder.`,
      "Put it there, or correct the schedule.",
    );
  }

  async function read(path: string, from: number, to: number) {
    if (from === to) return new Uint8Array();
    const bytes = await readLimited(platform.files!.read(path, { from, to }), to - from);
    return bytes!;
  }

  return {
    async part(url, range, signal) {
      if (!url.startsWith(FOLDER)) return await ofFile(upstream.part(url, range, signal));
      const { path, length, version } = await facts(url);
      const to = Math.min(length, range.offset + range.length);
      return { bytes: await read(path, range.offset, to), length, version };
    },
    async text(url, etag, signal) {
      if (!url.startsWith(FOLDER)) return await ofFile(upstream.text(url, etag, signal));
      const { path, length, version } = await facts(url);
      if (version === etag) return undefined;
      const bytes = await read(path, 0, Math.min(length, MAX_TEXT_BYTES));
      return { text: new TextDecoder().decode(bytes), etag: version, url };
    },
    stats: upstream.stats,
  };
}

/** What helps with streams does not help with files. */
function ofFile<T>(asked: Promise<T>): Promise<T> {
  return asked.catch((error) => {
    if (!(error instanceof UpstreamError)) throw error;
    throw new CodedError(
      error.code,
      error.message,
      "Check its address, and that its server is up and lets this edge read it.",
    );
  });
}

/** `undefined` for one that would lead out of the folder, once its escapes are read. */
function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(new URL(url).pathname).slice(1);
    return path.split(/[/\\]/).some((name) => name === "" || /^\.+$/.test(name)) ? undefined : path;
  } catch {
    return undefined;
  }
}
