import { deadline } from "@std/async/deadline";
import type { PeerFrame } from "../../../edge/protocol/peer_frames.ts";
import type { Link, LinkEvents } from "../../../web/net/link.ts";

/** What has not been told after this long is not told any more, ms. */
const PATIENCE_MS = 8_000;

/** What one peer's links told, as `what peer`, in order. */
export interface LinkLog extends LinkEvents {
  tell(line: string): void;
  readonly told: string[];
  readonly links: Map<string, Link>;
  readonly frames: PeerFrame[];
  readonly sentBytes: { total: number };
  /** Waits until this has been told; at once if it has been. Throws when a failure is told instead, or nothing for a while. */
  until(line: string): Promise<void>;
}

export function linkLog(onOpen: (link: Link) => void = () => {}): LinkLog {
  const told: string[] = [];
  const waiting: { line: string; resolve: () => void; reject: () => void }[] = [];
  const links = new Map<string, Link>();
  const frames: PeerFrame[] = [];
  const sentBytes = { total: 0 };
  function tell(line: string): void {
    told.push(line);
    for (const one of waiting) {
      if (one.line === line) one.resolve();
      else if (line.startsWith("failed ")) one.reject();
    }
  }
  return {
    tell,
    told,
    links,
    frames,
    sentBytes,
    until(line) {
      if (told.includes(line)) return Promise.resolve();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.push({ line, resolve, reject });
      return deadline(promise, PATIENCE_MS).catch(() => {
        throw new Error(`"${line}" was not told, but ${JSON.stringify(told)}`);
      });
    },
    open(link) {
      links.set(link.peer, link);
      onOpen(link);
      tell(`open ${link.peer}`);
    },
    frame(link, frame) {
      frames.push(frame);
      tell(`${frame.type} ${link.peer}`);
    },
    junk: (link) => tell(`junk ${link.peer}`),
    sent(link, bytes) {
      sentBytes.total += bytes;
      tell(`sent ${link.peer}`);
    },
    close(link) {
      links.delete(link.peer);
      tell(`close ${link.peer}`);
    },
  };
}
