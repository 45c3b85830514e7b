import { assertEquals } from "@std/assert";
import { notePlace, type PlacedElement, resumePlace } from "../../../web/player/film_place.ts";

const FILM = "https://edge.example/vod/film.mp4";

/** A browser's memory, for as long as a test. */
function remembering() {
  const kept = new Map<string, string>();
  const before = Object.getOwnPropertyDescriptor(globalThis, "localStorage")!;
  const value = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
  };
  Object.defineProperty(globalThis, "localStorage", { configurable: true, value });
  return {
    kept,
    [Symbol.dispose]: () => void Object.defineProperty(globalThis, "localStorage", before),
  };
}

function ranges(...spans: readonly (readonly [number, number])[]): TimeRanges {
  return { length: spans.length, start: (at) => spans[at]![0], end: (at) => spans[at]![1] };
}

function element(what: Partial<PlacedElement> = {}): PlacedElement {
  const currentSrc = FILM;
  const rest = { src: "", duration: 600, loop: false, seeking: false, played: ranges() };
  return { currentTime: 0, currentSrc, ...rest, ...what };
}

const leftAt = (currentTime: number) => element({ currentTime, played: ranges([0, currentTime]) });

Deno.test("a film goes on where it was left last, each at its own place", () => {
  using _ = remembering();
  notePlace(FILM, leftAt(100));
  notePlace(`${FILM}2`, leftAt(200));
  notePlace(FILM, leftAt(120));
  const again = element();
  assertEquals([resumePlace(FILM, again), again.currentTime], [120, 120]);
  assertEquals(resumePlace(`${FILM}2`, element()), 200);
  assertEquals(resumePlace(`${FILM}3`, element()), 0);
});

Deno.test("one that was watched to its end, or hardly at all, begins anew", () => {
  for (const seconds of [600, 597, 3]) {
    using _ = remembering();
    notePlace(FILM, leftAt(100));
    notePlace(FILM, leftAt(seconds));
    assertEquals(resumePlace(FILM, element()), 0, `${seconds}`);
  }
});

Deno.test("a start that the page or its viewer has chosen is left alone", () => {
  using _ = remembering();
  notePlace(FILM, leftAt(100));
  const chosen: Partial<PlacedElement>[] = [
    { currentSrc: `${FILM}#t=10` },
    { currentSrc: "", src: `${FILM}#track=1&t=10,20` },
    { currentTime: 30 },
    { currentTime: 31, played: ranges([30, 31]) },
    { currentTime: 50, played: ranges([0, 50]) },
    { seeking: true },
    { loop: true },
  ];
  for (const what of chosen) {
    const one = element(what);
    assertEquals(resumePlace(FILM, one), 0, JSON.stringify(what));
    assertEquals(one.currentTime, what.currentTime ?? 0);
  }
  // It plays by itself while sharing is set up, from the beginning.
  assertEquals(resumePlace(FILM, element({ currentTime: 1, played: ranges([0, 1]) })), 100);
});

Deno.test("an element that has not played changes nothing of what is remembered", () => {
  using _ = remembering();
  notePlace(FILM, leftAt(100));
  notePlace(FILM, element());
  assertEquals(resumePlace(FILM, element()), 100);
});

Deno.test("a memory that is not ours, or that there is none of, does no harm", () => {
  using memory = remembering();
  for (
    const text of ["", "nonsense", "null", "{}", "[1, null]", `{"${FILM}": "x"}`]
  ) {
    memory.kept.set("tributary:places", text);
    assertEquals(resumePlace(FILM, element()), 0, text);
    notePlace(FILM, leftAt(100));
    assertEquals(resumePlace(FILM, element()), 100, text);
  }
});

Deno.test("a hundred films are remembered", () => {
  using _ = remembering();
  for (let film = 0; film <= 100; film++) notePlace(`${FILM}${film}`, leftAt(100));
  assertEquals(resumePlace(`${FILM}0`, element()), 0);
  assertEquals(resumePlace(`${FILM}1`, element()), 100);
});
