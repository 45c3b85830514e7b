import { assertEquals } from "@std/assert";
import { createNote } from "../../sw/note.ts";

function noted(kept: boolean | undefined) {
  const saved: boolean[] = [];
  const note = createNote({
    load: () => Promise.resolve(kept),
    save(plays) {
      saved.push(plays);
      return Promise.resolve();
    },
  }, true);
  return { note, saved };
}

Deno.test("a browser of which nothing was said is taken to play HLS", async () => {
  const { note } = noted(undefined);
  assertEquals(note.known(), undefined);
  assertEquals(await note.read(), true);
  assertEquals(note.known(), true);
});

Deno.test("what a page said outlives the worker, and is written once", async () => {
  const { note, saved } = noted(false);
  assertEquals(await note.read(), false);
  await note.note(false);
  await note.note(true);
  await note.note(true);
  assertEquals([await note.read(), saved], [true, [true]]);
});

Deno.test("what a page says before the kept word is read stands", async () => {
  const { note, saved } = noted(undefined);
  await note.note(false);
  assertEquals([await note.read(), saved], [false, [false]]);
});

Deno.test("a store that fails is none", async () => {
  const fails = () => Promise.reject(new Error("no store"));
  const note = createNote<boolean>({ load: fails, save: fails }, true);
  await note.note(false);
  assertEquals(await note.read(), false);
});
