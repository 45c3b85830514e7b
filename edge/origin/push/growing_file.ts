import { concat } from "@std/bytes/concat";
import { type ChangeSignal, createChangeSignal } from "../../media/stream/change_signal.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A file that is being put, as far as it has come. */
export interface GrowingFile {
  /** How much has come, bytes. */
  size(): number;
  /** All of it in order, as it comes. Errors when the file turns out to be none. */
  stream(): ReadableStream<Bytes>;
}

/** The same for who receives it. */
export interface FileGrowth extends GrowingFile {
  push(bytes: Bytes): void;
  /** It is whole, and what it should be. */
  seal(): void;
  /** It has broken off, or is not what it should be. */
  fail(): void;
  /** Only once no more comes. */
  bytes(): Bytes;
}

export function createGrowingFile(): FileGrowth {
  const parts: Bytes[] = [];
  const changes: ChangeSignal = createChangeSignal();
  let state: "open" | "whole" | "broken" = "open";
  let size = 0;

  function end(as: "whole" | "broken"): void {
    if (state === "open") state = as;
    changes.raise();
  }

  return {
    size: () => size,
    push(bytes) {
      parts.push(bytes);
      size += bytes.length;
      changes.raise();
    },
    seal: () => end("whole"),
    fail: () => end("broken"),
    bytes: () => concat(parts),
    stream() {
      let next = 0;
      return new ReadableStream<Bytes>({
        async pull(controller) {
          while (next === parts.length && state === "open") await changes.next();
          const part = parts[next++];
          if (state === "broken") controller.error(new Error("the source did not end the file"));
          else if (part) controller.enqueue(part);
          else controller.close();
        },
      }, { highWaterMark: 0 });
    },
  };
}
