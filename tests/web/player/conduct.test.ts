import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Circumstances, decideConduct, isMetered } from "../../../web/player/conduct.ts";

const playing: Circumstances = {
  controlled: true,
  pausedForMs: undefined,
  hidden: false,
  metered: false,
  uploadAllowed: true,
  uploadCap: 1e6,
};

Deno.test("a viewer that plays prefetches, injects and uploads", () => {
  assertEquals(decideConduct(playing), {
    prefetch: "played",
    inject: true,
    upload: true,
    uploadCap: 1e6,
  });
});

Deno.test("a hidden page that plays goes on sharing", () => {
  assertEquals(decideConduct({ ...playing, hidden: true }), decideConduct(playing));
});

Deno.test("a page that is hidden and paused does not upload, from the first moment on", () => {
  const conduct = decideConduct({ ...playing, hidden: true, pausedForMs: 0 });
  assertEquals(conduct.upload, false);
  assertEquals(conduct.inject, false);
});

Deno.test("a pause of up to ten seconds changes nothing where the page is seen", () => {
  assertEquals(decideConduct({ ...playing, pausedForMs: 10_000 }), decideConduct(playing));
});

Deno.test("paused for more than ten seconds, a page neither prefetches nor injects, but still gives", () => {
  const conduct = decideConduct({ ...playing, pausedForMs: 10_001 });
  assertEquals(conduct, { prefetch: "none", inject: false, upload: true, uploadCap: 1e6 });
});

Deno.test("a metered link does not upload, and so does not inject", () => {
  const conduct = decideConduct({ ...playing, metered: true });
  assertEquals(conduct, { prefetch: "played", inject: false, upload: false, uploadCap: 1e6 });
});

Deno.test("a cap of nothing uploads nothing", () => {
  const conduct = decideConduct({ ...playing, uploadCap: 0 });
  assertEquals(conduct, { prefetch: "played", inject: false, upload: false, uploadCap: 0 });
});

Deno.test("without the worker in charge nothing is fetched ahead, nor for others", () => {
  const conduct = decideConduct({ ...playing, controlled: false });
  assertEquals(conduct, { prefetch: "none", inject: false, upload: true, uploadCap: 1e6 });
});

Deno.test("nothing is ever uploaded or injected without the word of site and viewer", () => {
  const circumstances: fc.Arbitrary<Circumstances> = fc.record({
    controlled: fc.boolean(),
    pausedForMs: fc.option(fc.double({ min: 0, noNaN: true }), { nil: undefined }),
    hidden: fc.boolean(),
    metered: fc.boolean(),
    uploadAllowed: fc.constant(false),
    uploadCap: fc.double({ min: 0, noNaN: true }),
  });
  fc.assert(fc.property(circumstances, (now) => {
    const { upload, inject } = decideConduct(now);
    assert(!upload && !inject);
  }));
});

Deno.test("who injects uploads too, and no cap is raised, whatever the circumstances", () => {
  const circumstances: fc.Arbitrary<Circumstances> = fc.record({
    controlled: fc.boolean(),
    pausedForMs: fc.option(fc.double({ min: 0, noNaN: true }), { nil: undefined }),
    hidden: fc.boolean(),
    metered: fc.boolean(),
    uploadAllowed: fc.boolean(),
    uploadCap: fc.double(),
  });
  fc.assert(fc.property(circumstances, (now) => {
    const { upload, inject, uploadCap } = decideConduct(now);
    assert(upload || !inject);
    assert(!upload || now.uploadCap > 0);
    assert(Object.is(uploadCap, now.uploadCap));
  }));
});

Deno.test("data saver and mobile networks count as metered, other and unknown links do not", () => {
  const metered = (connection?: unknown) => isMetered({ connection } as unknown as Navigator);
  assertEquals(metered({ saveData: true, type: "wifi" }), true);
  assertEquals(metered({ saveData: false, type: "cellular" }), true);
  assertEquals(metered({ saveData: false, type: "wifi" }), false);
  assertEquals(metered({ saveData: false }), false);
  assertEquals(metered(), false);
});
