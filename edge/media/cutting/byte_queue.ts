/** Bytes that come in at the end and leave at the start. */
export interface ByteQueue {
  readonly length: number;
  push(bytes: Uint8Array): void;
  /** A view of all but the first `at` bytes; good until the next change. */
  from(at: number): Uint8Array<ArrayBuffer>;
  /** Takes the first `count` bytes out. */
  take(count: number): Uint8Array<ArrayBuffer>;
  drop(count: number): void;
}

const FIRST_CAPACITY = 64 * 1024;

export function createByteQueue(): ByteQueue {
  let buffer = new Uint8Array(FIRST_CAPACITY);
  let start = 0;
  let end = 0;

  /** Makes room for `count` bytes more. */
  function reserve(count: number): void {
    if (end + count <= buffer.length) return;
    const length = end - start;
    const target = length + count > buffer.length / 2
      ? new Uint8Array(2 * (length + count))
      : buffer;
    target.set(buffer.subarray(start, end));
    buffer = target;
    start = 0;
    end = length;
  }

  return {
    get length() {
      return end - start;
    },
    push(bytes) {
      reserve(bytes.length);
      buffer.set(bytes, end);
      end += bytes.length;
    },
    from: (at) => buffer.subarray(start + at, end),
    take(count) {
      const taken = buffer.slice(start, start + count);
      start += count;
      return taken;
    },
    drop: (count) => void (start += count),
  };
}
