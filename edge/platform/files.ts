import type { Span } from "../protocol/pieces.ts";

/** One file, as the folder tells of it. */
export interface FileFacts {
  /** Relative, `/` between names. */
  readonly path: string;
  /** bytes */
  readonly length: number;
  /** ms since 1970 */
  readonly modifiedMs: number;
}

/** A file that grows at its end. */
export interface FileWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Takes back all that was written behind `length`. */
  truncate(length: number): Promise<void>;
  close(): void;
}

/** The data folder's files, where the runtime has a disk. Paths are relative; all but `list` and `facts` throw where they fail. */
export interface Files {
  /** All files below `folder`. Hidden ones, and links, which may lead anywhere, are left out. */
  list(folder: string): Promise<FileFacts[]>;
  facts(path: string): Promise<FileFacts | undefined>;
  /** Bytes of a file, read as they are taken. Fails where there are fewer. */
  read(path: string, span: Span): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Makes the file anew, and the folders that it lies in. */
  create(path: string): Promise<FileWriter>;
  /** Gives the file another place, and makes the folders that it lies in then. */
  move(from: string, to: string): Promise<void>;
}
