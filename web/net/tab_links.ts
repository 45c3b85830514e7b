import type { LinkEvents } from "./link.ts";
import type { TabWires } from "./tab_wires.ts";

/** How often a tab says that it is there, ms. */
const HERE_INTERVAL_MS = 5_000;

export interface TabLinks {
  /** Says that this tab is there and lets go of tabs that fell silent; to be called every second or so. */
  tick(nowMs: number): void;
  closeAll(): void;
}

/**
 * Links to other tabs of this browser that watch the same channel. All listen in one lobby; what
 * else it takes is loaded when another one is heard there. `nowMs` is by the clock that `tick` goes by.
 */
export function openTabLinks(
  name: string,
  self: string,
  events: LinkEvents,
  mayJoin: (peer: string) => boolean,
  nowMs: number,
): TabLinks {
  const lobby = new BroadcastChannel(name);
  /** Who was heard while the rest is loaded. */
  const early = new Set<string>();
  let wires: TabWires | undefined;
  let saidMs = -Infinity;
  let closed = false;
  const sayHere = () => lobby.postMessage(self);

  async function load(): Promise<void> {
    const { createTabWires } = await import("./tab_wires.ts");
    if (closed) return;
    wires = createTabWires({ name, self, events, mayJoin, sayHere });
    for (const peer of early) wires.heard(peer, nowMs);
  }

  lobby.onmessage = ({ data: peer }: MessageEvent<string>) => {
    if (wires) return wires.heard(peer, nowMs);
    // What does not come is asked for again when the next word is heard.
    if (early.size === 0) load().catch(() => early.clear());
    early.add(peer);
  };

  return {
    tick(now) {
      nowMs = now;
      wires?.tick(nowMs);
      if (saidMs > nowMs - HERE_INTERVAL_MS) return;
      saidMs = nowMs;
      sayHere();
    },
    closeAll() {
      closed = true;
      wires?.closeAll();
      lobby.close();
    },
  };
}
