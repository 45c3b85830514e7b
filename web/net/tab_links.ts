import { decodePeerFrame, encodePeerFrame } from "../../edge/protocol/peer_frames.ts";
import { type Link, type LinkEvents, payloadBytes } from "./link.ts";

/** How often a tab says that it is there, and after which silence it is taken for gone, ms. */
const HERE_INTERVAL_MS = 5_000;
const GONE_AFTER_MS = 20_000;

/** First word on a wire, both ways: who says it listens there. */
const READY = "ready";
/** Last word on a wire: who says it listens there no more. */
const BYE = "bye";

interface Tab {
  readonly link: Link;
  readonly wire: BroadcastChannel;
  heardMs: number;
  open: boolean;
}

export interface TabLinks {
  /** Says that this tab is there and lets go of tabs that fell silent; to be called every second or so. */
  tick(nowMs: number): void;
  closeAll(): void;
}

/**
 * Links to other tabs of this browser that watch the same channel. Frames go over a wire per pair.
 * `nowMs` is by the clock that `tick` goes by.
 */
export function openTabLinks(
  name: string,
  self: string,
  events: LinkEvents,
  mayJoin: (peer: string) => boolean,
  nowMs: number,
): TabLinks {
  const tabs = new Map<string, Tab>();
  /** Where all tabs listen, and say from time to time who they are. */
  const lobby = new BroadcastChannel(name);
  let saidMs = -Infinity;

  function open(peer: string): void {
    const wire = new BroadcastChannel(`${name}:${[self, peer].sort().join(":")}`);
    const link: Link = {
      peer,
      send(frame) {
        wire.postMessage(encodePeerFrame(frame));
        const bytes = payloadBytes(frame);
        if (bytes > 0) queueMicrotask(() => events.sent(link, bytes));
      },
      close: () => close(peer),
    };
    const tab: Tab = { link, wire, heardMs: nowMs, open: false };
    tabs.set(peer, tab);
    wire.onmessage = ({ data }) => {
      if (data === READY) return ready(tab);
      if (data === BYE) return forget(tab);
      const frame = data instanceof Uint8Array ? decodePeerFrame(data) : undefined;
      if (frame) events.frame(link, frame);
      else events.junk(link);
    };
    wire.postMessage(READY);
  }

  function ready(tab: Tab): void {
    if (tab.open) return;
    tab.open = true;
    // The other may have begun to listen only after our first word.
    tab.wire.postMessage(READY);
    events.open(tab.link);
  }

  function close(peer: string): void {
    const tab = tabs.get(peer);
    if (!tab) return;
    tab.wire.postMessage(BYE);
    forget(tab);
  }

  function forget({ link, wire, open }: Tab): void {
    tabs.delete(link.peer);
    wire.close();
    if (open) events.close(link);
  }

  lobby.onmessage = ({ data: peer }: MessageEvent<string>) => {
    const tab = tabs.get(peer);
    if (tab) tab.heardMs = nowMs;
    else if (mayJoin(peer)) {
      open(peer);
      lobby.postMessage(self);
    }
  };

  return {
    tick(now) {
      nowMs = now;
      for (const [peer, tab] of tabs) if (tab.heardMs < nowMs - GONE_AFTER_MS) close(peer);
      if (saidMs > nowMs - HERE_INTERVAL_MS) return;
      saidMs = nowMs;
      lobby.postMessage(self);
    },
    closeAll() {
      for (const peer of [...tabs.keys()]) close(peer);
      lobby.close();
    },
  };
}
