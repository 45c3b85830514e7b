import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  createSoundBook,
  type SoundUnit,
  type Span,
} from "../../../../edge/origin/stream/sound_book.ts";

/** Sound of the rendition 1 in pieces of `seconds`, from number 10 on. */
function sound(count: number, seconds = 2, startS = 0): SoundUnit[] {
  return Array.from({ length: count }, (_, at) => ({
    epoch: 1,
    rendition: 1,
    sequence: 10 + at,
    uri: `r1/${10 + at}.m4s`,
    startS: startS + at * seconds,
    endS: startS + (at + 1) * seconds,
  }));
}

function pictures(at: number, seconds = 2): Span {
  return { startS: at * seconds, endS: (at + 1) * seconds };
}

const numbers = (taken: ReturnType<ReturnType<typeof createSoundBook>["take"]>) =>
  taken?.units.map(({ sequence }) => sequence);

Deno.test("pictures go with the sound that lasts as long, however the ends overlap", () => {
  const book = createSoundBook();
  for (const unit of sound(4, 2.005)) book.note(unit);
  assertEquals([0, 1, 2].map((at) => numbers(book.take(pictures(at)))), [[10], [11], [12]]);
});

Deno.test("sound that is late goes with the next pictures, and these with the one that follows, if it is there", () => {
  const book = createSoundBook();
  const [first, second, third] = sound(3);
  book.note(first!);
  assertEquals(numbers(book.take(pictures(0))), [10]);
  const none = book.take(pictures(1));
  assertEquals(none?.run, { epoch: 1, rendition: 1, sequence: 11, count: 0 });
  book.note(second!);
  book.note(third!);
  assertEquals(numbers(book.take(pictures(2))), [11, 12]);
});

Deno.test("there is nothing to say before the first sound, and of another timeline nothing is taken", () => {
  const book = createSoundBook();
  assertEquals(book.take(pictures(0)), undefined);
  for (const unit of sound(2, 2, 1_000)) book.note(unit);
  assertEquals(numbers(book.take(pictures(0))), []);
  for (const unit of sound(1)) book.note({ ...unit, sequence: 12 });
  assertEquals(numbers(book.take(pictures(0))), [12]);
});

Deno.test("a run has following numbers of one epoch; the rest goes with what comes next", () => {
  const book = createSoundBook();
  const [first, second, third] = sound(3, 1);
  book.note(first!);
  book.note({ ...second!, sequence: 12 });
  book.note({ ...third!, sequence: 13, epoch: 2 });
  const taken = [1, 2, 3].map((at) => book.take(pictures(at))?.run);
  assertEquals(taken, [
    { epoch: 1, rendition: 1, sequence: 10, count: 1 },
    { epoch: 1, rendition: 1, sequence: 12, count: 1 },
    { epoch: 2, rendition: 1, sequence: 13, count: 1 },
  ]);
});

Deno.test("whatever the lengths, each unit of sound is taken once, in order, and none long before its pictures", () => {
  const lengths = fc.record({
    soundS: fc.integer({ min: 5, max: 60 }).map((tenths) => tenths / 10),
    picturesS: fc.integer({ min: 5, max: 60 }).map((tenths) => tenths / 10),
    lateS: fc.integer({ min: 0, max: 30 }).map((tenths) => tenths / 10),
  });
  fc.assert(fc.property(lengths, ({ soundS, picturesS, lateS }) => {
    const book = createSoundBook();
    const all = sound(Math.ceil(60 / soundS), soundS);
    const taken: number[] = [];
    let noted = 0;
    for (let at = 0; (at + 1) * picturesS < 60; at++) {
      const span = pictures(at, picturesS);
      while (all[noted] && all[noted]!.endS + lateS <= span.endS) book.note(all[noted++]!);
      const units = book.take(span)?.units ?? [];
      for (const { startS } of units) assertEquals(startS < span.endS, true);
      taken.push(...units.map(({ sequence }) => sequence));
    }
    assertEquals(taken, all.slice(0, taken.length).map(({ sequence }) => sequence));
    const heardS = (all[taken.length - 1]?.endS ?? 0) + lateS + soundS + picturesS;
    assertEquals(heardS >= 60 - picturesS - 10, true);
  }));
});
