import { assertEquals } from "@std/assert";
import { createRecovery } from "../../../web/player/recovery.ts";

const HAVE_NOTHING = 0;
const HAVE_ENOUGH_DATA = 4;

/** As much of a media element as recovery sees. */
function brokenElement() {
  return {
    error: { code: 3 } as unknown as MediaError | null,
    readyState: HAVE_NOTHING,
    paused: false,
    loads: 0,
    plays: 0,
    load() {
      this.loads++;
    },
    play() {
      this.plays++;
      return Promise.reject(new DOMException("no gesture", "NotAllowedError"));
    },
    recovers() {
      this.error = null;
      this.readyState = HAVE_ENOUGH_DATA;
    },
    breaks() {
      this.error = {} as MediaError;
      this.readyState = HAVE_NOTHING;
    },
  };
}

function recovering() {
  const element = brokenElement();
  const recovery = createRecovery(element as unknown as HTMLMediaElement);
  return { element, recovery };
}

Deno.test("an element that plays is left alone", () => {
  const { element, recovery } = recovering();
  element.recovers();
  recovery.tick(true, 0);
  assertEquals(element.loads, 0);
});

Deno.test("an element that gave up is loaded once the edge is there, and played", () => {
  const { element, recovery } = recovering();
  recovery.tick(false, 0);
  assertEquals(element.loads, 0);
  recovery.tick(true, 1_000);
  assertEquals([element.loads, element.plays], [1, 1]);
});

Deno.test("an element that nobody has played is loaded and left to whoever may", () => {
  const { element, recovery } = recovering();
  element.paused = true;
  recovery.tick(true, 0);
  assertEquals([element.loads, element.plays], [1, 0]);
});

/** Seconds at which the element was loaded, of the first `seconds`, each look a second after the other. */
function loadsOf(
  { element, recovery }: ReturnType<typeof recovering>,
  seconds: number,
  onLoad: () => void,
): number[] {
  const at: number[] = [];
  for (let second = 0; second < seconds; second++) {
    const before = element.loads;
    recovery.tick(true, second * 1_000);
    if (element.loads === before) continue;
    at.push(second);
    onLoad();
  }
  return at;
}

Deno.test("an element that does not play after its reload gets four more, ever later, and is left alone", () => {
  const set = recovering();
  assertEquals(loadsOf(set, 600, () => {}), [0, 2, 6, 14, 30]);
});

Deno.test("an element that plays a little after every reload is reloaded every half minute in the end", () => {
  const set = recovering();
  const flicker = () => {
    set.element.recovers();
    set.recovery.tick(true, 0);
    set.element.breaks();
  };
  assertEquals(loadsOf(set, 125, flicker), [0, 2, 6, 14, 30, 60, 90, 120]);
});

Deno.test("an element that has played for half a minute is helped at once again", () => {
  const { element, recovery } = recovering();
  recovery.tick(true, 0);
  recovery.tick(true, 2_000);
  recovery.tick(true, 6_000);
  element.recovers();
  recovery.tick(true, 36_000);
  element.breaks();
  recovery.tick(true, 37_000);
  recovery.tick(true, 39_000);
  assertEquals(element.loads, 5);
});
