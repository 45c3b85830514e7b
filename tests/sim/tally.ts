import { mergeMeters, type Meter } from "./measure.ts";
import type { Watcher, World } from "./world.ts";
import type { WorldOptions } from "./world_options.ts";

/** What is told of a world at its end, or of one thread's part of it. Plain data. */
export interface Tally {
  readonly options: WorldOptions;
  readonly meter: Meter;
  /** What a viewer plays on average, bytes/ms. */
  readonly watched: number;
  /** Of each viewer: what he can give below his cap, bytes/ms, and how many partners he has. */
  readonly supplies: readonly number[];
  readonly partners: readonly number[];
  /** One-way, of the links. */
  readonly linkDelaysMs: readonly number[];
}

export function tallyOf(world: World): Tally {
  const { options, meter, viewers, filmgoers } = world;
  const all: Watcher[] = [...viewers.values(), ...filmgoers];
  const { rate, renditions } = options;
  return {
    options,
    meter,
    // A film has the stream's rate, and no renditions.
    watched: renditions.length === 0 ? rate : rate * mean(renditions),
    supplies: all.filter((one) => !one.options.source).map(supplyOf),
    partners: all.map(({ links }) => links.size),
    linkDelaysMs: [...viewers.values()].flatMap(({ links }) => links.delaysMs()),
  };
}

function supplyOf({ options: { uploads, uplink, uploadCap } }: Watcher): number {
  return uploads ? Math.min(uplink, uploadCap / 1000) : 0;
}

/** Of all threads together. */
export function mergeTallies(tallies: readonly Tally[]): Tally {
  return {
    ...tallies[0]!,
    meter: mergeMeters(tallies.map(({ meter }) => meter)),
    supplies: tallies.flatMap(({ supplies }) => supplies),
    partners: tallies.flatMap(({ partners }) => partners),
    linkDelaysMs: tallies.flatMap(({ linkDelaysMs }) => linkDelaysMs),
  };
}

/** NaN of none. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
