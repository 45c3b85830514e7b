import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { continuityOf } from "../measure.ts";
import { arrive, type Scenario } from "../scenario.ts";

const AWAY_MS = 30_000;
/** After this share of the count. */
const AWAY_AFTER = 0.25;
/** What was published so long before the edge went has been injected, ms. */
const INJECTED_MS = 1_000;
/** Newly published segments are with everyone again from so long after on, ms. */
const RECOVERY_MS = 5_000;
const LOOK_MS = 100;

/**
 * The edge crashes and is back after half a minute, knowing nobody. What it had injected before must
 * be played as ever; what was published meanwhile only it has, so that this is told apart.
 */
export const edgeAway: Scenario = {
  name: "edge_away",
  leastSeconds: 60,
  play(world, { peers, fromMs, toMs }) {
    const { edge, meter } = world;
    arrive(world, peers);
    const goneMs = fromMs + (toMs - fromMs) * AWAY_AFTER;
    const backMs = goneMs + AWAY_MS;
    const isInjected = ({ startMs, durationMs }: LedgerEntry) =>
      startMs + durationMs <= goneMs - INJECTED_MS;
    const isAfter = ({ startMs, durationMs }: LedgerEntry) =>
      startMs + durationMs >= backMs + RECOVERY_MS;
    world.counts = isInjected;
    world.clock.at(goneMs, () => edge.goAway());
    world.clock.at(backMs, () => {
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
