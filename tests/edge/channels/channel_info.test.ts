import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { mergeInfo, readChannelInfo } from "../../../edge/channels/channel_info.ts";
import { CodedError } from "../../../edge/media/coded_error.ts";

const read = (info: unknown) => readChannelInfo(JSON.stringify(info));

Deno.test("what an owner says is taken, trimmed, its language spelt as everywhere", () => {
  assertEquals(
    read({
      title: " Evening jazz ",
      description: "Three lines,\r\nbut no\u2028more.\n",
      genre: "Jazz",
      language: "PT-br",
      visibility: "unlisted",
    }),
    {
      title: "Evening jazz",
      description: "Three lines,\nbut no\nmore.",
      genre: "Jazz",
      language: "pt-BR",
      visibility: "unlisted",
    },
  );
  assertEquals(read({}), {});
});

Deno.test("what cannot be taken has a code, names the field and says what it must be", () => {
  const cases: [string, string, string][] = [
    ["{", "not-json", "{"],
    ["[]", "not-an-object", "title"],
    ["null", "not-an-object", "title"],
    ['{"titel":"x"}', "unknown-field", "titel"],
    ['{"title":7}', "bad-title", "must be text"],
    ['{"title":" "}', "bad-title", "leave it out"],
    [`{"title":"${"x".repeat(121)}"}`, "bad-title", "120"],
    ['{"title":"a\\nb"}', "bad-title", "one line"],
    ['{"title":"a\\u2028b"}', "bad-title", "one line"],
    ['{"title":"a\\ud800"}', "bad-title", "control characters"],
    ['{"description":"a\\u0000"}', "bad-description", "control characters"],
    ['{"language":"german, of course"}', "bad-language", "pt-BR"],
    ['{"visibility":"secret"}', "bad-visibility", "public, unlisted or private"],
  ];
  for (const [text, code, words] of cases) {
    const error = assertThrows(() => readChannelInfo(text), CodedError);
    assertEquals(error.code, code, text);
    assertStringIncludes(`${error.message} ${error.hint}`, words);
  }
});

Deno.test("any text at all is read or refused with a code", () => {
  fc.assert(fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
    try {
      readChannelInfo(text);
    } catch (error) {
      assert(error instanceof CodedError, String(error));
    }
  }));
});

Deno.test("the owner's words come before the source's, field by field", () => {
  const owner = { title: "Mine", visibility: "unlisted" as const };
  assertEquals(mergeInfo(owner, { title: "Its", genre: "Rock", language: "EN" }), {
    title: "Mine",
    genre: "Rock",
    language: "en",
    visibility: "unlisted",
  });
});

Deno.test("a source's words are cut and cleaned until an owner could have said them, or left out", () => {
  const said = mergeInfo({}, { title: `${"x".repeat(119)}😀`, language: "?", genre: "a\tb" });
  assertEquals(said, { title: "x".repeat(119), genre: "a b" });
  const words = fc.record(
    {
      title: fc.string({ unit: "binary", maxLength: 300 }),
      description: fc.string({ unit: "binary", maxLength: 3_000 }),
      genre: fc.string({ unit: "binary", maxLength: 100 }),
      language: fc.string(),
    },
    { requiredKeys: [] },
  );
  fc.assert(fc.property(words, (source) => {
    const merged = mergeInfo({}, source);
    assertEquals(read(merged), merged);
  }));
});
