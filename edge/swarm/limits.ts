/** What a swarm puts up with, and how much it gives. */
export interface SwarmLimits {
  /** Members at the same time. */
  readonly peers: number;
  /** Peers that a newcomer is introduced to. */
  readonly introductions: number;
  /** Partners from which on a peer is not introduced any more. */
  readonly partners: number;
  /** Messages of one socket: sustained rate, and how many at once after a quiet time. */
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
  /** Of these, seeks and accusations that are heeded. */
  readonly seeksPerSecond: number;
  readonly seekBurst: number;
  readonly accusationsPerSecond: number;
  readonly accusationBurst: number;
  /** The junk message with this number closes the socket. */
  readonly junk: number;
  /** A socket has this long to join. */
  readonly joinMs: number;
  /** A member that says nothing for this long is gone. Peers send their status every 20 s at least. */
  readonly silentMs: number;
  /** A newcomer gets the ledger of this long. */
  readonly logMs: number;
  /** … but never more entries than this. */
  readonly logEntries: number;
}

export const DEFAULT_LIMITS: SwarmLimits = {
  peers: 5_000,
  introductions: 6,
  partners: 18,
  messagesPerSecond: 50,
  messageBurst: 200,
  seeksPerSecond: 1 / 5,
  seekBurst: 5,
  accusationsPerSecond: 1 / 300,
  accusationBurst: 3,
  junk: 5,
  joinMs: 10_000,
  silentMs: 60_000,
  logMs: 90_000,
  logEntries: 512,
};

/**
 * In a swarm of files. Those with much uplink have so many partners, and everyone then has several of
 * these: with 18 for each, 60 viewers of a film of ten minutes had 0.86 of it from each other, with this
 * 0.92 (bench:sim, vod).
 */
export const FILE_LIMITS: SwarmLimits = { ...DEFAULT_LIMITS, partners: 28 };
