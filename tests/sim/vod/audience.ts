/** Who watches a film, and what is counted of them besides what every world counts. */
import type { World } from "../world.ts";
import type { Film } from "./film.ts";
import type { FilmViewer } from "./viewer.ts";

export interface Audience {
  readonly world: World;
  readonly film: Film;
  readonly viewers: Map<string, FilmViewer>;
  /** From seek to picture, ms. */
  readonly seeksMs: number[];
  /** Standing still in mid-play, ms, of all together. */
  stalledMs: number;
}

export function createAudience(world: World, film: Film): Audience {
  return { world, film, viewers: new Map(), seeksMs: [], stalledMs: 0 };
}
