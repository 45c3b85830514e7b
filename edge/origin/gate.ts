/** Holds those who arrive until everybody has arrived or is no longer waited for. */
export interface Gate {
  /** Resolves when the gate is open. */
  arrive(id: number): Promise<void>;
  /** Nobody need wait for this one. */
  excuse(id: number): void;
  open(): void;
}

export function createGate(expected: Iterable<number>): Gate {
  const missing = new Set(expected);
  const { promise, resolve } = Promise.withResolvers<void>();

  function excuse(id: number): void {
    missing.delete(id);
    if (missing.size === 0) resolve();
  }

  return {
    arrive(id) {
      excuse(id);
      return promise;
    },
    excuse,
    open: resolve,
  };
}
