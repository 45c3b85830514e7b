import { decodePeerFrame, encodePeerFrame } from "../../edge/protocol/peer_frames.ts";
import { type Link, type LinkEvents, payloadBytes } from "./link.ts";

/** How often a tab says that it is there, and after which silence it is taken for gone, ms. */
const HERE_INTERVAL_MS = 5_000;
const GONE_AFTER_MS = 20_000;

/** What tabs say to each other where all of them listen. */
interface LobbyMessage {
  readonly from: string;
  readonly says: "here" | "bye";
}

/** First word on a wire, both ways: who says it listens there. */
const READY = "ready";

interface Tab {
  readonly link: Link;
  readonly wire: BroadcastChannel;
  heardMs: number;
  open: boolean;
}

export interface TabLinks {
  /** Says that this tab is there and lets go of tabs that fell silent; to be called every second or so. */
  tick(nowMs: number): void;
  close(peer: string): void;
  closeAll(): void;
}

/** Links to other tabs of this browser that watch the same channel. Frames go over a wire per pair. */
export function openTabLinks(
  name: string,
  self: string,
  events: LinkEvents,
  mayJoin: (peer: string) => boolean,
): TabLinks {
  const tabs = new Map<string, Tab>();
  const lobby = new BroadcastChannel(name);
  let nowMs = 0;
  let saidMs = -Infinity;

  function say(says: LobbyMessage["says"]): void {
    lobby.postMessage({ from: self, says } satisfies LobbyMessage);
  }

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
    tabs.delete(peer);
    tab.wire.close();
    if (tab.open) events.close(tab.link);
  }

  lobby.onmessage = ({ data }: MessageEvent<LobbyMessage>) => {
    if (data.says === "bye") return close(data.from);
    const tab = tabs.get(data.from);
    if (tab) tab.heardMs = nowMs;
    else if (mayJoin(data.from)) {
      open(data.from);
      say("here");
    }
  };

  return {
    tick(now) {
      nowMs = now;
      for (const [peer, tab] of tabs) if (tab.heardMs < nowMs - GONE_AFTER_MS) close(peer);
      if (saidMs > nowMs - HERE_INTERVAL_MS) return;
      saidMs = nowMs;
      say("here");
    },
    close,
    closeAll() {
      say("bye");
      for (const peer of [...tabs.keys()]) close(peer);
      lobby.close();
    },
  };
}
