import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { discontinuitySequence } from "../../../edge/media/discontinuity_sequence.ts";

Deno.test("it is the discontinuities before the first listed segment, wherever the last one is", () => {
  const life = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
  fc.assert(fc.property(life, fc.nat(), fc.boolean(), (breaks, chance, ahead) => {
    const all = breaks.map((discontinuity, at) => ({ sequence: 100 + at, discontinuity }));
    const from = chance % all.length;
    const countTo = (end: number) => all.slice(0, end).filter((one) => one.discontinuity).length;
    const last = all.findLast((one) => one.discontinuity);
    const lastDiscontinuity = last && { ...last, before: countTo(last.sequence - 100) };
    // The description comes ahead of the unit.
    const known = all.slice(from, ahead && last ? last.sequence - 100 : undefined);
    if (known.length === 0) return;
    assertEquals(discontinuitySequence(lastDiscontinuity, known), countTo(from));
  }));
});

Deno.test("nothing listed, or never a discontinuity, is 0", () => {
  assertEquals(discontinuitySequence({ sequence: 5, before: 3 }, []), 0);
  assertEquals(discontinuitySequence(undefined, [{ sequence: 5, discontinuity: false }]), 0);
});
