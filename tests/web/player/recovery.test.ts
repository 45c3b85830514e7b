import { assertEquals } from "@std/assert";
import { createRecovery } from "../../../web/player/recovery.ts";

const HAVE_NOTHING = 0;
const HAVE_ENOUGH_DATA = 4;

/** As much of a media element as recovery sees. */
function brokenElement() {
  return {
    error: { code: 3 } as unknown as MediaError | null,
    readyState: HAVE_NOTHING,
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

Deno.test("an element that does not play after its reload is not reloaded again", () => {
  const { element, recovery } = recovering();
  recovery.tick(true, 0);
  element.error = null;
  recovery.tick(true, 1_000);
  element.breaks();
  recovery.tick(true, 2_000);
  recovery.tick(true, 600_000);
  assertEquals(element.loads, 1);
});

Deno.test("an element that has played again is reloaded again, but not within half a minute", () => {
  const { element, recovery } = recovering();
  recovery.tick(true, 0);
  element.recovers();
  recovery.tick(true, 1_000);
  element.breaks();
  recovery.tick(true, 29_999);
  assertEquals(element.loads, 1);
  recovery.tick(true, 30_000);
  assertEquals(element.loads, 2);
});
