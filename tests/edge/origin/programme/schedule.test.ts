import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { CodedError } from "../../../../edge/media/coded_error.ts";
import { readSchedule } from "../../../../edge/origin/programme/schedule.ts";

const BASE = "http://files.example/tv/week.json";
const read = (document: unknown, base = BASE) => readSchedule(JSON.stringify(document), base);

Deno.test("a schedule without times loops from 1970 on, with addresses relative to itself", () => {
  assertEquals(
    read({ title: "Harbour", items: [{ url: "a.mp4", title: "A" }, { url: "/b.mp3" }] }),
    {
      title: "Harbour",
      loop: true,
      epochMs: 0,
      items: [
        { url: "http://files.example/tv/a.mp4", title: "A" },
        { url: "http://files.example/b.mp3" },
      ],
    },
  );
});

Deno.test("a schedule with times plays once, and says what fills its gaps", () => {
  const document = {
    description: "Two evenings",
    items: [
      { url: "a.mp4", start: "2026-12-01T20:00:00+01:00", duration: 12.5 },
      { url: "https://other.example/b.webm" },
    ],
    filler: { url: "card.mp4", title: "Soon", duration: 3 },
  };
  assertEquals(read(document), {
    description: "Two evenings",
    loop: false,
    epochMs: Date.UTC(2026, 11, 1, 19),
    items: [
      {
        url: "http://files.example/tv/a.mp4",
        startMs: Date.UTC(2026, 11, 1, 19),
        durationMs: 12_500,
      },
      { url: "https://other.example/b.webm" },
    ],
    filler: { url: "http://files.example/tv/card.mp4", title: "Soon", durationMs: 3_000 },
  });
});

Deno.test("an epoch says when a loop began, or when the only round begins", () => {
  const epoch = "2026-01-01T06:00:00Z";
  const loop = read({ epoch, items: [{ url: "a.mp4" }] });
  assertEquals([loop.loop, loop.epochMs], [true, Date.UTC(2026, 0, 1, 6)]);
  const once = read({ epoch, loop: false, items: [{ url: "a.mp4" }] });
  assertEquals([once.loop, once.epochMs], [false, Date.UTC(2026, 0, 1, 6)]);
});

Deno.test("what encloses files in a feed is a loop in its order", () => {
  const feed = `<?xml version="1.0"?>
    <rss version="2.0"><channel><title>Songs &amp; more</title><description>All day</description>
      <item><title>1984</title><enclosure url="one.mp3" length="1" type="audio/mpeg"/></item>
      <item><title>No file</title></item>
      <item><enclosure url="http://other.example/two.mp3?a=1&amp;b=2"/></item>
    </channel></rss>`;
  assertEquals(readSchedule(feed, "http://files.example/feed.xml"), {
    title: "Songs & more",
    description: "All day",
    loop: true,
    epochMs: 0,
    items: [
      { url: "http://files.example/one.mp3", title: "1984" },
      { url: "http://other.example/two.mp3?a=1&b=2" },
    ],
  });
});

const item = { url: "a.mp4" };
const wrong: readonly (readonly [string, unknown, string])[] = [
  ["no object", 7, "must be an object"],
  ["no items", {}, "items is missing"],
  ["what is no list", { items: item }, "items must be a list"],
  ["no item", { items: [] }, "items must have an item"],
  ["an item without an address", { items: [item, { title: "x" }] }, "items.1.url is missing"],
  ["what is not known", { items: [item], repeat: true }, "repeat is not known here"],
  ["what an item has not", { items: [{ ...item, at: 3 }] }, "items.0.at is not known here"],
  [
    "a time without a zone",
    { items: [{ ...item, start: "2026-12-01T20:00:00" }] },
    "with its zone",
  ],
  ["no time at all", { items: [{ ...item, start: "2026-99-01T20:00:00Z" }] }, "items.0.start"],
  ["milliseconds", { items: [{ ...item, duration: 5_400_000 }] }, "at most 86400 seconds"],
  ["a file of this machine", { items: [{ url: "file:///etc/passwd" }] }, "items.0.url"],
  ["a script", { items: [item], filler: { url: "javascript:1" } }, "filler.url"],
  ["a very long address", { items: [{ url: "a".repeat(2_000) }] }, "longer than 1000"],
  [
    "a loop with starts",
    { loop: true, items: [{ ...item, start: "2026-12-01T20:00:00Z" }] },
    "loops",
  ],
  ["one round without a beginning", { loop: false, items: [item] }, "when the first item begins"],
  [
    "no beginning before the first start",
    { items: [item, { ...item, start: "2026-12-01T20:00:00Z" }] },
    "when the first item begins",
  ],
  [
    "starts out of order",
    {
      items: [{ ...item, start: "2026-12-02T20:00:00Z" }, {
        ...item,
        start: "2026-12-01T20:00:00Z",
      }],
    },
    "items.1 begins before",
  ],
];

for (const [what, document, message] of wrong) {
  Deno.test(`${what} is refused, and named`, () => {
    const error = assertThrows(() => read(document), CodedError);
    assertEquals(error.code, "schedule-malformed");
    assertStringIncludes(error.message, message);
  });
}

Deno.test("text that is neither JSON nor a feed with files is refused", () => {
  for (const text of ["", "{", "<rss>", "<html></html>", "<rss><channel></channel></rss>"]) {
    const error = assertThrows(() => readSchedule(text, BASE), CodedError);
    assertEquals(error.code, "schedule-malformed", text);
  }
});

Deno.test("titles are one line of words", () => {
  const [first] = read({ items: [{ url: "a", title: " a\n\u0007b\t" + "x".repeat(400) }] }).items;
  assertEquals(first!.title!.slice(0, 4), "a b ");
  assertEquals(first!.title!.length, 300);
});

Deno.test("whatever a schedule says, it is read or refused with a code", () => {
  const values = fc.oneof(fc.json(), fc.string(), fc.string().map((text) => `<rss>${text}</rss>`));
  fc.assert(fc.property(values, (text) => {
    try {
      readSchedule(text, BASE);
    } catch (error) {
      assertEquals(error instanceof CodedError, true, `${error}`);
    }
  }));
});
