/** What a page sees of Tributary: `window.tributary`, and `tributary:stats` events on the element. */
export interface TributaryApi {
  stats(): TributaryStats;
  /** The viewer's switch; remembered for this site. */
  setUpload(on: boolean): void;
  /** The viewer's cap, bytes per second; `undefined` goes back to the default. Remembered for this site. */
  setUploadCap(bytesPerSecond: number | undefined): void;
}

export type TributaryState =
  /** Joining, or no ledger yet. */
  | "starting"
  /** Media goes through us, and there are partners. */
  | "sharing"
  /** Media goes through us, nobody else is there yet. */
  | "alone"
  /** The browser plays from the edge without us; `reason` says why. */
  | "edge-only"
  /** The edge is away; what is held here and at partners is played. */
  | "reconnecting";

export interface TributaryStats {
  /** Connected partners. */
  readonly peers: number;
  /** Everyone who watches this channel, as the edge counts. */
  readonly viewers: number;
  /** Media bytes since the page was opened. */
  readonly bytes: {
    readonly peers: number;
    readonly edge: number;
    readonly cache: number;
    readonly uploaded: number;
  };
  /** 1 − edge bytes / all bytes received; 0 before the first byte. */
  readonly offload: number;
  /** What the element has buffered ahead of its play position, s. */
  readonly bufferSeconds: number;
  readonly state: TributaryState;
  /** What plays on `/stream/CHANNEL`, where its source tells. */
  readonly title?: string;
  /** One sentence for people: what is going on and, if something is missing, why. */
  readonly reason: string;
  readonly upload: {
    /** The viewer's switch. */
    readonly on: boolean;
    /** Whether bytes may go out just now: the switch, the connection and the page's state together. */
    readonly active: boolean;
    /** bytes/s; the default is 3 × the stream's rate. */
    readonly capBytesPerSecond: number;
  };
}

declare global {
  var tributary: TributaryApi | undefined;
}
