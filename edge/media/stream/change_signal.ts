/** Wakes whoever waits for something to change. */
export interface ChangeSignal {
  /** Resolves at the next change. */
  next(): Promise<void>;
  raise(): void;
}

export function createChangeSignal(): ChangeSignal {
  let waiting = Promise.withResolvers<void>();
  return {
    next: () => waiting.promise,
    raise() {
      waiting.resolve();
      waiting = Promise.withResolvers();
    },
  };
}
