/**
 * An element that plays a film: it asks for what is ahead of it, stops where something is missing until
 * it comes, and is moved about by its viewer.
 */
import { BLOCK_PIECES } from "../../../edge/protocol/file_index.ts";
import type { Clock } from "../clock.ts";
import { type Film, pieceOf, placeOf } from "./film.ts";

/** What an element has to have before it shows a picture, ms of media. */
export const PICTURE_MS = 500;
/** An element asks for what it plays within this, ms. */
const BUFFER_MS = 12_000;
const TELL_MS = 1_000;

/** What the element wants of its page, and what is counted of it. */
export interface ElementWorld {
  readonly clock: Clock;
  readonly film: Film;
  /** Pieces of a block; the first is due at a time, ms. */
  ask(block: number, from: number, to: number, dueMs: number): void;
  /** Nothing that was asked for is wanted any more. */
  giveUp(): void;
  playsAt(piece: number): void;
  /** A picture shows, so long after the join or the seek, ms. */
  picture(afterMs: number, seek: boolean): void;
  /** A piece became due. */
  due(piece: number, there: boolean): void;
  stalled(ms: number): void;
  ended(): void;
}

export class FilmElement {
  readonly #has: Uint8Array;
  /** The piece that is shown next. */
  #next = 0;
  #askedTo = 0;
  /** Since when it waits for a picture, ms. */
  #waitsSinceMs: number | undefined;
  #stalledSinceMs: number | undefined;
  #seeks = 0;
  #over = false;

  constructor(readonly world: ElementWorld) {
    this.#has = new Uint8Array(world.film.pieces);
    this.#waitsSinceMs = world.clock.now();
    this.#tell();
  }

  get waiting(): boolean {
    return this.#waitsSinceMs !== undefined;
  }

  /** Goes to a piece of the film, as soon as it can. */
  seek(piece: number): void {
    if (this.#over) return;
    this.#seeks++;
    this.#stalledSinceMs = undefined;
    this.#waitsSinceMs = this.world.clock.now();
    this.#has.fill(0);
    this.world.giveUp();
    this.#next = this.#askedTo = piece;
    this.world.playsAt(piece);
    this.#ask();
  }

  /** What has come past the engine need not be asked for. */
  skipAsking(toPiece: number): void {
    this.#askedTo = Math.max(this.#askedTo, toPiece);
  }

  arrived(piece: number): void {
    if (this.#over) return;
    this.#has[piece] = 1;
    if (this.#waitsSinceMs !== undefined) return this.#begin(this.#waitsSinceMs);
    if (piece !== this.#next || this.#stalledSinceMs === undefined) return;
    this.world.stalled(this.world.clock.now() - this.#stalledSinceMs);
    this.#stalledSinceMs = undefined;
    this.#step();
  }

  stop(): void {
    this.#over = true;
  }

  get #stepMs(): number {
    return this.world.film.durationMs / this.world.film.pieces;
  }

  #begin(sinceMs: number): void {
    const { clock, film } = this.world;
    const wanted = Math.min(film.pieces, this.#next + Math.ceil(PICTURE_MS / this.#stepMs));
    for (let piece = this.#next; piece < wanted; piece++) if (!this.#has[piece]) return;
    this.#waitsSinceMs = undefined;
    this.world.picture(clock.now() - sinceMs, this.#seeks > 0);
    this.#step();
  }

  /** Shows a piece, then the next. */
  #step(): void {
    const { clock, film } = this.world;
    const seeks = this.#seeks;
    this.#next++;
    this.#ask();
    clock.after(this.#stepMs, () => {
      if (this.#over || seeks !== this.#seeks) return;
      if (this.#next >= film.pieces) {
        this.#over = true;
        return this.world.ended();
      }
      const there = this.#has[this.#next] === 1;
      this.world.due(this.#next, there);
      if (there) this.#step();
      else this.#stalledSinceMs = clock.now();
    });
  }

  /** Asks for the blocks that begin within the buffer. */
  #ask(): void {
    const { film, clock } = this.world;
    for (;;) {
      const aheadMs = (this.#askedTo - this.#next) * this.#stepMs;
      if (this.#askedTo >= film.pieces || aheadMs > BUFFER_MS) return;
      const { block, index } = placeOf(this.#askedTo);
      const to = Math.min(film.pieces - pieceOf(block, 0), BLOCK_PIECES);
      this.#askedTo = pieceOf(block, to);
      this.world.ask(block, index, to, clock.now() + aheadMs);
    }
  }

  #tell(): void {
    this.world.clock.after(TELL_MS, () => {
      if (this.#over) return;
      if (!this.waiting) this.world.playsAt(this.#next);
      this.#ask();
      this.#tell();
    });
  }
}
