/**
 * What a worker cannot find out about its browser: pages say it, and it is kept, so that a worker
 * that has just begun knows it before any page speaks.
 */
export interface Note<T> {
  /** `undefined` until what was kept has been read. */
  known(): T | undefined;
  read(): Promise<T>;
  note(told: T): Promise<void>;
}

/** `initial` is what is taken to be so until a page says otherwise. */
export function createNote<T>(
  { load, save }: {
    load(): Promise<T | undefined>;
    save(told: T): Promise<void>;
  },
  initial: T,
): Note<T> {
  let newest: T | undefined;
  const loaded = Promise.resolve().then(load).catch(() => undefined).then((kept) =>
    newest ??= kept ?? initial
  );
  return {
    known: () => newest,
    async read() {
      await loaded;
      return newest!;
    },
    async note(told) {
      if (newest === told) return;
      newest = told;
      await save(told).catch(() => {});
    },
  };
}
