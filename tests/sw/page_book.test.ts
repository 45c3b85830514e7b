import { assert, assertEquals } from "@std/assert";
import { ANSWER_TIMEOUT_MS, BRIDGE_VERSION, STRANGER_TIMEOUT_MS } from "../../sw/bridge.ts";
import { createPageBook } from "../../sw/page_book.ts";

const base = "https://edge.example/live/demo/";
const hello = { type: "tributary:hello", version: BRIDGE_VERSION, base, cacheBytes: 1 } as const;

Deno.test("a stranger is asked in short, a page that said hello in full", () => {
  const book = createPageBook();
  assertEquals(book.patienceMs("page", base, 0), STRANGER_TIMEOUT_MS);
  assert(!book.knows("page", base));
  book.heard("page", hello);
  assertEquals(book.patienceMs("page", base, 0), ANSWER_TIMEOUT_MS);
  assert(book.knows("page", base));
});

Deno.test("a page is known for the channel that it spoke of, and for no other", () => {
  const book = createPageBook();
  book.heard("page", hello);
  assertEquals(book.patienceMs("page", base.replace("demo", "x"), 0), STRANGER_TIMEOUT_MS);
  assertEquals(book.patienceMs("other", base, 0), STRANGER_TIMEOUT_MS);
});

Deno.test("a page without a tag costs its short wait once", () => {
  const book = createPageBook();
  book.silent("page", base, STRANGER_TIMEOUT_MS, 0);
  assertEquals(book.patienceMs("page", base, 1e9), 0);
  book.heard("page", hello);
  assertEquals(book.patienceMs("page", base, 1e9), ANSWER_TIMEOUT_MS);
});

Deno.test("a known page that was silent is left alone for two seconds, or until it says hello", () => {
  const book = createPageBook();
  book.heard("page", hello);
  book.silent("page", base, ANSWER_TIMEOUT_MS, 1_000);
  assertEquals(book.patienceMs("page", base, 2_999), 0);
  assert(book.knows("page", base));
  assertEquals(book.patienceMs("page", base, 3_000), ANSWER_TIMEOUT_MS);
  book.silent("page", base, ANSWER_TIMEOUT_MS, 3_000);
  book.heard("page", hello);
  assertEquals(book.patienceMs("page", base, 3_001), ANSWER_TIMEOUT_MS);
});

Deno.test("a stranger that says hello while it is waited for in vain is asked the next time", () => {
  const book = createPageBook();
  book.heard("page", hello);
  book.silent("page", base, STRANGER_TIMEOUT_MS, 100);
  assertEquals(book.patienceMs("page", base, 101), ANSWER_TIMEOUT_MS);
});

Deno.test("a stranger that answers is known, which rebuilds the book of a worker that was ended", () => {
  const book = createPageBook();
  book.answered("page", base);
  assertEquals(book.patienceMs("page", base, 0), ANSWER_TIMEOUT_MS);
});

Deno.test("a page that said bye is not asked, even when a late answer comes in", () => {
  const book = createPageBook();
  book.heard("page", hello);
  book.heard("page", { type: "tributary:bye", base });
  book.answered("page", base);
  assertEquals(book.patienceMs("page", base, 0), 0);
  assert(!book.knows("page", base));
});

Deno.test("a page of another version is not asked", () => {
  const book = createPageBook();
  book.heard("page", { ...hello, version: BRIDGE_VERSION + 1 });
  assertEquals(book.patienceMs("page", base, 0), 0);
});

Deno.test("a page is being opened from its navigation until its first word, whichever that is", () => {
  const book = createPageBook();
  assert(!book.isOpening("page"));
  for (const word of [hello, { type: "tributary:bye", base } as const]) {
    book.opened("page");
    assert(book.isOpening("page"));
    assert(!book.isOpening("other"));
    book.heard("page", word);
    assert(!book.isOpening("page"));
  }
});

Deno.test("the book does not grow without end", () => {
  const book = createPageBook();
  for (let page = 0; page < 1_000; page++) book.opened(`opening ${page}`);
  assert(!book.isOpening("opening 0"));
  assert(book.isOpening("opening 999"));
  for (let page = 0; page < 1_000; page++) book.heard(`page ${page}`, hello);
  assert(!book.knows("page 0", base));
  assert(book.knows("page 999", base));
});
