import { CodedError } from "../../../edge/media/coded_error.ts";

/** Where a relay waits for players. */
export interface ListenAddress {
  readonly host: string;
  /** TCP; 0: one that the system chooses. */
  readonly port: number;
}

/** PeerCast's, which players on many machines know. */
export const DEFAULT_LISTEN: ListenAddress = { host: "127.0.0.1", port: 7144 };
const LAST_PORT = 65_535;

/** Reads `PORT` or `HOST:PORT`, an IPv6 host in brackets. Throws a `CodedError`. */
export function parseListen(text: string): ListenAddress {
  const [, host, port = ""] = /^(?:(\[[0-9a-f:.]+\]|[^:[\]\s]+):)?(\d{1,5})$/i.exec(text) ?? [];
  if (port === "" || Number(port) > LAST_PORT) {
    throw new CodedError(
      "bad-listen",
      `--listen ${text} is no port to listen on.`,
      "Give a port, such as 7144, or an address and a port, such as 0.0.0.0:7144.",
    );
  }
  return { host: host?.replace(/^\[|\]$/g, "") ?? DEFAULT_LISTEN.host, port: Number(port) };
}

/** As it stands in a URL: who listens on all addresses is reached by this machine's own. */
export function urlOf({ host, port }: ListenAddress): string {
  const reached = ["127.0.0.1", "0.0.0.0", "::", "::1"].includes(host) ? "localhost" : host;
  return `http://${reached.includes(":") ? `[${reached}]` : reached}:${port}/`;
}
