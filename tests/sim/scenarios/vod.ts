import { FILE_LIMITS } from "../../../edge/swarm/limits.ts";
import { quantile } from "../measure.ts";
import { exponential } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import { type Audience, createAudience } from "../vod/audience.ts";
import { createFilm } from "../vod/film.ts";
import { FilmViewer } from "../vod/viewer.ts";
import { DEFAULTS } from "../world_options.ts";

/** Ten minutes. */
const FILM_MS = 600_000;
/** The audience comes within this long, ms, so that all places of the film are watched. */
const ARRIVAL_MS = 300_000;
/** A viewer goes to another place after so long on average, ms. */
const SEEK_MS = 60_000;

/** A film, begun by each when he comes; they skip to and fro. Who is at its end goes, and another comes. */
export const vod = vodOf({ filmMs: FILM_MS, arrivalMs: ARRIVAL_MS });

/** The same with a shorter film. */
export function vodOf({ filmMs, arrivalMs }: { filmMs: number; arrivalMs: number }): Scenario {
  return {
    name: "vod",
    // Nothing is live. Newcomers and seeks begin at the edge: at times many of 200 need it at once.
    world: { renditions: [], edgeEgress: 200, partners: FILE_LIMITS.partners },
    warmUpSeconds: arrivalMs / 1000,
    needsFallback: true,
    tributaryOnly: true,
    alone: true,
    play(world, { peers, toMs }) {
      const film = createFilm(filmMs, DEFAULTS.rate);
      const audience = createAudience(world, film);
      world.meter.publishedBytes = film.index.file.length;
      for (let peer = 0, atMs = 0; peer < peers; peer++) {
        atMs += exponential(world.fate, arrivalMs / peers);
        world.clock.after(Math.min(atMs, arrivalMs), () => come(audience));
      }
      world.clock.at(toMs, () => {
        const { meter } = world;
        meter.other.seeks = audience.seeksMs.length;
        meter.other.seekMsP50 = quantile(audience.seeksMs, 0.5);
        meter.other.seekMsP95 = quantile(audience.seeksMs, 0.95);
        meter.other.stalledShare = (audience.stalledMs * film.rate) / meter.playedBytes;
      });
    },
  };
}

function come(audience: Audience): void {
  const { index, options } = audience.world.newcomer();
  const viewer = new FilmViewer(audience, index, options, () => {
    viewer.leave();
    come(audience);
  });
  skip(viewer);
}

function skip(viewer: FilmViewer): void {
  const { world: { clock, fate }, film } = viewer.audience;
  clock.after(exponential(fate, SEEK_MS), () => {
    if (viewer.gone) return;
    viewer.element.seek(Math.floor(fate() * film.pieces));
    skip(viewer);
  });
}
