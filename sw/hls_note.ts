/**
 * Whether the browser plays HLS by itself. A worker cannot find out: pages say it, and it is kept, so
 * that a worker that has just begun does not give an element a list that it cannot read.
 */
export interface HlsNote {
  /** `undefined` until what was kept has been read. */
  known(): boolean | undefined;
  read(): Promise<boolean>;
  note(plays: boolean): Promise<void>;
}

export function createHlsNote(
  { load, save }: {
    load(): Promise<boolean | undefined>;
    save(plays: boolean): Promise<void>;
  },
): HlsNote {
  let plays: boolean | undefined;
  const loaded = Promise.resolve().then(load).catch(() => undefined).then((kept) =>
    plays ??= kept ?? true
  );
  return {
    known: () => plays,
    async read() {
      await loaded;
      return plays!;
    },
    async note(told) {
      if (plays === told) return;
      plays = told;
      await save(told).catch(() => {});
    },
  };
}
