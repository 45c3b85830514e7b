/** Passes bytes on and counts them as they go; at most `bytesPerSecond` of them where that is given. */
export function metered(
  count: (bytes: number) => void,
  bytesPerSecond = Infinity,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const slice = Math.max(1, Math.floor(bytesPerSecond / 20));
  return new TransformStream(
    {
      async transform(chunk, controller) {
        for (let at = 0; at < chunk.length; at += slice) {
          const part = chunk.subarray(at, Math.min(chunk.length, at + slice));
          if (Number.isFinite(bytesPerSecond)) {
            await new Promise((resolve) =>
              setTimeout(resolve, (part.length / bytesPerSecond) * 1000)
            );
          }
          count(part.length);
          controller.enqueue(part);
        }
      },
    },
    { highWaterMark: 1 },
    { highWaterMark: 1 },
  );
}
