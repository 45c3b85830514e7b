/** Resolves when `promise` does, or when the signal is aborted. */
export function settled(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener("abort", done);
      resolve();
    };
    signal.addEventListener("abort", done);
    promise.then(done);
  });
}

/** Resolves when `promise` does, or after `ms`. */
export async function settledWithin(promise: Promise<void>, ms: number): Promise<void> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ms);
  await settled(promise, late.signal);
  clearTimeout(timer);
}
