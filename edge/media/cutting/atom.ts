/** The smallest part of an endless stream that is never cut: a frame, a page, a cluster, a fragment. */
export interface Atom {
  readonly bytes: number;
  /** `init` is what a decoder must have seen before any media; `junk` is none of the format's. */
  readonly what: "init" | "media" | "junk";
  readonly durationMs: number;
  /** A player can begin here, once it has the init. */
  readonly opens: boolean;
}

/** Finds the atoms of one container format in the order of the stream. */
export interface Framer {
  /** The atom at the start of `bytes`; `undefined` where more bytes are needed. Throws `CodedError`. */
  next(bytes: Uint8Array): Atom | undefined;
  /** The same once no more bytes will come. */
  last(bytes: Uint8Array): Atom | undefined;
}

export function initAtom(bytes: number): Atom {
  return { bytes, what: "init", durationMs: 0, opens: false };
}

export function junkAtom(bytes: number): Atom {
  return { bytes, what: "junk", durationMs: 0, opens: false };
}

export function mediaAtom(bytes: number, durationMs: number, opens: boolean): Atom {
  return { bytes, what: "media", durationMs, opens };
}
