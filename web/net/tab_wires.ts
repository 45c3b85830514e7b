import { decodePeerFrame, encodePeerFrame } from "../../edge/protocol/peer_frames.ts";
import { type Link, type LinkEvents, payloadBytes } from "./link.ts";

/** A tab that was not heard of for this long is taken for gone, ms. */
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

export interface TabWiresOptions {
  /** Of the lobby, where the tabs find each other. */
  readonly name: string;
  readonly self: string;
  readonly events: LinkEvents;
  readonly mayJoin: (peer: string) => boolean;
  /** Says in the lobby that this tab is there. */
  readonly sayHere: () => void;
}

/** The links between tabs of this browser: frames go over a wire per pair. */
export interface TabWires {
  /** The tab has said in the lobby that it is there. */
  heard(peer: string, nowMs: number): void;
  /** Lets go of tabs that fell silent. */
  tick(nowMs: number): void;
  closeAll(): void;
}

export function createTabWires(
  { name, self, events, mayJoin, sayHere }: TabWiresOptions,
): TabWires {
  const tabs = new Map<string, Tab>();

  function open(peer: string, nowMs: number): void {
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

  return {
    heard(peer, nowMs) {
      const tab = tabs.get(peer);
      if (tab) tab.heardMs = nowMs;
      else if (mayJoin(peer)) {
        open(peer, nowMs);
        sayHere();
      }
    },
    tick(nowMs) {
      for (const [peer, tab] of tabs) if (tab.heardMs < nowMs - GONE_AFTER_MS) close(peer);
    },
    closeAll() {
      for (const peer of [...tabs.keys()]) close(peer);
    },
  };
}
