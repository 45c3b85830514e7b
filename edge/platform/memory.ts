import type { Store } from "./platform.ts";

/** A store that forgets with the process. Values are cloned on their way in and out, as in a real one. */
export function createMemoryStore(): Store {
  const values = new Map<string, unknown>();
  const flat = (key: readonly string[]) => JSON.stringify(key);
  return {
    get: <T>(key: readonly string[]) =>
      Promise.resolve(structuredClone(values.get(flat(key))) as T | undefined),
    set(key, value) {
      values.set(flat(key), structuredClone(value));
      return Promise.resolve();
    },
    delete(key) {
      values.delete(flat(key));
      return Promise.resolve();
    },
  };
}
