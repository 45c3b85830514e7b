/** Why the edge ends a socket: what the peer is told, and the close code (RFC 6455 §7.4). */
export interface Farewell {
  readonly closeCode: number;
  readonly code: string;
  readonly message: string;
  /** Coming back with the same message would end the same way. */
  readonly fatal: boolean;
}

const PROTOCOL_ERROR = 1002;
const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;
/** Private codes, 4000 to 4999. */
const REPLACED = 4001;
const SILENT = 4002;

export const FAREWELLS = {
  version: {
    closeCode: PROTOCOL_ERROR,
    code: "protocol-version",
    message: "This page speaks another version of the protocol: reload it to get the new script.",
    fatal: true,
  },
  replaced: {
    closeCode: REPLACED,
    code: "replaced",
    message: "The same peer joined again over another socket: this one is not needed any more.",
    fatal: true,
  },
  taken: {
    closeCode: POLICY_VIOLATION,
    code: "peer-taken",
    message: "Another socket has this peer id, and this one does not know its secret.",
    fatal: false,
  },
  full: {
    closeCode: TRY_AGAIN_LATER,
    code: "swarm-full",
    message: "The swarm has no room: play from the edge and come back later.",
    fatal: false,
  },
  junk: {
    closeCode: POLICY_VIOLATION,
    code: "junk",
    message: "Too many messages that PROTOCOL.md does not know.",
    fatal: true,
  },
  tooFast: {
    closeCode: POLICY_VIOLATION,
    code: "too-fast",
    message: "Too many messages in a short time: wait a few seconds, then join again.",
    fatal: false,
  },
  late: {
    closeCode: SILENT,
    code: "join-timeout",
    message: "No join came on this socket: send it first.",
    fatal: false,
  },
  silent: {
    closeCode: SILENT,
    code: "silent",
    message: "Nothing was heard for too long: join again, and send a status every 20 seconds.",
    fatal: false,
  },
} as const satisfies Record<string, Farewell>;
