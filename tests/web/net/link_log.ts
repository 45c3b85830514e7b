import type { PeerFrame } from "../../../edge/protocol/peer_frames.ts";
import type { Link, LinkEvents } from "../../../web/net/link.ts";

/** What one peer's links told, as `what peer`, in order. */
export interface LinkLog extends LinkEvents {
  tell(line: string): void;
  readonly told: string[];
  readonly links: Map<string, Link>;
  readonly frames: PeerFrame[];
  readonly sentBytes: { total: number };
  /** Waits until this has been told; at once if it has been. */
  until(line: string): Promise<void>;
}

export function linkLog(onOpen: (link: Link) => void = () => {}): LinkLog {
  const told: string[] = [];
  const waiting: { line: string; resolve: () => void }[] = [];
  const links = new Map<string, Link>();
  const frames: PeerFrame[] = [];
  const sentBytes = { total: 0 };
  function tell(line: string): void {
    told.push(line);
    for (const one of waiting) if (one.line === line) one.resolve();
  }
  return {
    tell,
    told,
    links,
    frames,
    sentBytes,
    until(line) {
      if (told.includes(line)) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ line, resolve });
      return promise;
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
