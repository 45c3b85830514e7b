/** Lets `act` open what listens to Resource Timing, and then tell it of entries. */
export function withScriptedResources<T>(
  act: (tell: (entries: readonly unknown[]) => void) => T,
): T {
  const { PerformanceObserver: before } = globalThis;
  let listener = (_: unknown) => {};
  globalThis.PerformanceObserver = class {
    constructor(callback: typeof listener) {
      listener = callback;
    }
    observe() {}
  } as unknown as typeof PerformanceObserver;
  try {
    return act((entries) => listener({ getEntries: () => entries }));
  } finally {
    globalThis.PerformanceObserver = before;
  }
}
