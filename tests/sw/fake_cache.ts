/** Cache Storage as far as the worker uses it. */
export interface FakeCache extends Cache {
  readonly urls: string[];
  /** Thrown by the next `put`s. */
  failure: Error | undefined;
}

export function fakeCache(): FakeCache {
  const stored = new Map<string, Response>();
  const cache = {
    failure: undefined as Error | undefined,
    get urls() {
      return [...stored.keys()];
    },
    keys: () => Promise.resolve([...stored.keys()].map((url) => ({ url }) as Request)),
    match: (url: string) => Promise.resolve(stored.get(url)?.clone()),
    async put(url: string, response: Response) {
      const body = await response.arrayBuffer();
      if (cache.failure) throw cache.failure;
      stored.set(url, new Response(body, { headers: response.headers }));
    },
    delete: (url: string) => Promise.resolve(stored.delete(url)),
  };
  return cache as unknown as FakeCache;
}
