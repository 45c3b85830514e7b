import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { continuityOf } from "../measure.ts";
import { exponential } from "../random.ts";
import { arrive, type Scenario } from "../scenario.ts";
import type { Viewer } from "../viewer.ts";
import type { World } from "../world.ts";

const AWAY_MS = 30_000;
/** After this share of the count. */
const AWAY_AFTER = 0.25;
/** What was published so long before the edge went has been injected, ms. */
const INJECTED_MS = 1_000;
/** Newly published segments are with everyone again from so long after on, ms. */
const RECOVERY_MS = 5_000;
const LOOK_MS = 100;
/** Viewers stay so long on average while the edge is away, ms: in half a minute a fifth has left. */
const MEAN_STAY_MS = 120_000;
/** Links that were being set up when the edge went may still come about until so long after, ms. */
const SETTLED_MS = 3_000;

/**
 * The edge crashes and is back after half a minute, knowing nobody. What it had injected before must
 * be played as ever; what was published meanwhile only it has, so that this is told apart. Viewers
 * leave all the while, half of them without a word, and nobody can join: those who stay find each
 * other without the edge, so that the mesh is whole when it is back.
 */
export const edgeAway: Scenario = {
  name: "edge_away",
  leastSeconds: 60,
  alone: true,
  play(world, { peers, fromMs, toMs }) {
    const { edgeHost: edge, meter } = world;
    arrive(world, peers);
    const goneMs = fromMs + (toMs - fromMs) * AWAY_AFTER;
    const backMs = goneMs + AWAY_MS;
    const isInjected = ({ startMs, durationMs }: LedgerEntry) =>
      startMs + durationMs <= goneMs - INJECTED_MS;
    const isAfter = ({ startMs, durationMs }: LedgerEntry) =>
      startMs + durationMs >= backMs + RECOVERY_MS;
    world.counts = isInjected;
    world.clock.at(goneMs, () => {
      edge.goAway();
      meter.other.partnersWhenItWent = meanPartners(world);
      for (const viewer of [...world.viewers.values()]) leaveBefore(world, viewer, backMs);
    });
    let settledLinks = 0;
    world.clock.at(goneMs + SETTLED_MS, () => settledLinks = world.linksMade);
    world.clock.at(backMs, () => {
      const { size } = world.viewers;
      meter.other.linksMadeWithoutIt = (2 * (world.linksMade - settledLinks)) / size;
      meter.other.partnersWhenItCame = meanPartners(world);
      meter.other.fewestPartnersWhenItCame = Math.min(
        ...[...world.viewers.values()].map(({ links }) => links.size),
      );
      edge.comeBack();
      const look = () => {
        if (edge.viewers() >= world.viewers.size) {
          meter.other.backWithinMs = Math.round(world.clock.now() - backMs);
        } else world.clock.after(LOOK_MS, look);
      };
      look();
    });
    world.clock.at(toMs, () => {
      const continuity = (wanted: (entry: LedgerEntry) => boolean) =>
        continuityOf(
          [...meter.segments].filter(([sequence]) => wanted(world.entries.get(sequence)!))
            .map(([, due]) => due),
        );
      meter.other.continuityMeanwhile = continuity((one) => !isInjected(one) && !isAfter(one));
      meter.other.continuityAfter = continuity(isAfter);
    });
  },
};

function leaveBefore(world: World, viewer: Viewer, backMs: number): void {
  const afterMs = exponential(world.fate, MEAN_STAY_MS);
  if (world.clock.now() + afterMs >= backMs) return;
  const polite = world.fate() < 0.5;
  world.clock.after(afterMs, () => viewer.leave(polite));
}

/** Of a viewer, those that are there; links to who has vanished count until that is found out. */
function meanPartners({ viewers }: World): number {
  const links = [...viewers.values()].reduce((sum, viewer) => sum + viewer.links.size, 0);
  return links / viewers.size;
}
