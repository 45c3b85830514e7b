/** Links between engines in one process on virtual time, and partners that say what a test makes them say. */
import type { Standing } from "../../../edge/protocol/peer_frames.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";
import type { EngineInput } from "../../../web/swarm/io.ts";
import { createClock } from "../../sim/clock.ts";

/** Stands for the bytes of one piece. */
export interface Handle {
  readonly key: string;
  readonly index: number;
  readonly good: boolean;
}

/** The standing of a peer that has nothing. */
export const NOTHING: Standing = {
  rendition: 0,
  homes: 0,
  uplink: 0,
  spare: Array.from({ length: 32 }, (_, run) => run),
  lags: new Uint8Array(),
};

/** What a link brings to the engines at its ends. */
type LinkInput = Extract<
  EngineInput<Handle>,
  { type: "linkOpen" | "linkClosed" | "frame" }
>;

export function createWires<Node extends { readonly id: string }>(
  handle: (node: Node, input: LinkInput) => void,
) {
  const clock = createClock();
  const nodes = new Map<string, Node>();
  const links = new Set<string>();
  /** Puppets that say nothing any more. */
  const silent = new Set<string>();
  const isLinked = (a: string, b: string) => links.has(linkOf(a, b));

  return {
    clock,
    nodes,
    isLinked,
    link(a: Node, b: Node): void {
      links.add(linkOf(a.id, b.id));
      handle(a, { type: "linkOpen", peer: b.id });
      handle(b, { type: "linkOpen", peer: a.id });
    },
    unlink(a: string, b: string): void {
      if (!links.delete(linkOf(a, b))) return;
      for (const [one, other] of [[a, b], [b, a]] as const) {
        const node = nodes.get(one);
        if (node) clock.after(0, () => handle(node, { type: "linkClosed", peer: other }));
      }
    },
    /** A partner of `node` that says only what the test makes it say, and that it is there. */
    puppet(node: Node, peer: string): void {
      handle(node, { type: "linkOpen", peer });
      const hello = { type: "hello", version: PROTOCOL_VERSION, peer } as const;
      handle(node, { type: "frame", peer, frame: hello });
      const alive = () => {
        if (!isLinked(node.id, peer) || silent.has(peer)) return;
        handle(node, { type: "frame", peer, frame: { type: "have", standing: NOTHING, maps: [] } });
        clock.after(1_000, alive);
      };
      links.add(linkOf(node.id, peer));
      alive();
    },
    /** Whether a puppet is there, and so refuses what it does not have. */
    refuses: (peer: string) => !nodes.has(peer) && !silent.has(peer),
    silence: (peer: string) => void silent.add(peer),
    /** Runs everything that is due within `ms`. */
    run: (ms: number) => clock.runUntil(clock.now() + ms),
  };
}

function linkOf(a: string, b: string): string {
  return [a, b].sort().join("~");
}
