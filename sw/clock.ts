/** Time as it is handed in, so that tests need not wait. */
export interface Clock {
  /** ms since 1970 */
  now(): number;
  /** Calls back once after `ms`; answers what cancels it. */
  after(ms: number, callback: () => void): () => void;
}

export const realClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** What `promise` answers, or `undefined` when it fails or takes longer than `ms`. */
export function within<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(undefined));
    promise.catch(() => undefined).then((value) => {
      cancel();
      resolve(value);
    });
  });
}
