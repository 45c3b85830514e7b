import type { SoundRun } from "../../protocol/ledger_entry.ts";

/** When a segment begins and ends on its own timeline, s. */
export interface Span {
  readonly startS: number;
  readonly endS: number;
}

/** A unit of sound that has been announced. */
export interface SoundUnit extends Span {
  readonly epoch: number;
  readonly rendition: number;
  readonly sequence: number;
  readonly uri: string;
}

/** Sound that goes before a unit of pictures. */
export interface TakenSound {
  readonly run: SoundRun;
  readonly units: readonly SoundUnit[];
}

/** Sound that has been announced and stands in no stream yet. */
export interface SoundBook {
  /** Units come in the order of their numbers. */
  note(unit: SoundUnit): void;
  /** Whether there is, or was, sound of the same timeline up to the middle of these pictures. */
  reaches(pictures: Span): boolean;
  /**
   * What there is now of what begins before these pictures end, each unit once: the oldest whose
   * numbers follow each other. `undefined` before there was any sound.
   */
  take(pictures: Span): TakenSound | undefined;
}

/** What is further from the pictures than this is of another timeline, s. */
const APART_S = 10;
/** A unit that begins so little before the pictures end is that of the next ones, s: frames of sound are as long. */
const OVERLAP_S = 0.05;
/** As many as a ledger entry can say. */
const MAX_RUN = 255;
/** Pictures may stay away for so many units of sound. */
const MAX_WAITING = 64;

export function createSoundBook(): SoundBook {
  let waiting: SoundUnit[] = [];
  let newest: SoundUnit | undefined;

  function isOfAnother(unit: SoundUnit, pictures: Span): boolean {
    return unit.startS > pictures.endS + APART_S || unit.endS < pictures.startS - APART_S;
  }

  return {
    note(unit) {
      newest = unit;
      waiting = [...waiting, unit].slice(-MAX_WAITING);
    },
    reaches: (pictures) =>
      newest !== undefined && !isOfAnother(newest, pictures) &&
      newest.endS >= (pictures.startS + pictures.endS) / 2,
    take(pictures) {
      if (!newest) return undefined;
      const from = waiting.findIndex((unit) => !isOfAnother(unit, pictures));
      waiting = from < 0 ? [] : waiting.slice(from);
      const end = waiting.findIndex((unit, at) => {
        const before = waiting[at - 1] ?? { epoch: unit.epoch, sequence: unit.sequence - 1 };
        return unit.startS >= pictures.endS - OVERLAP_S || at === MAX_RUN ||
          unit.epoch !== before.epoch || unit.sequence !== before.sequence + 1;
      });
      const units = waiting.splice(0, end < 0 ? waiting.length : end);
      const { epoch, rendition, sequence } = units[0] ?? waiting[0] ??
        { ...newest, sequence: newest.sequence + 1 };
      return { run: { epoch, rendition, sequence, count: units.length }, units };
    },
  };
}
