import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { parseAmount, readTagOptions } from "../../web/tag_options.ts";

const SCRIPT = "https://edge.example/sub/tributary.js?v=1";
const defaults = {
  edge: "https://edge.example/sub/",
  worker: "/sw.js",
  elements: "video, audio",
  channel: undefined,
  upload: true,
  uploadCap: undefined,
  cacheBytes: 64 * 1024 * 1024,
  resume: true,
};

function read(data: Record<string, string>) {
  const warnings: string[] = [];
  const options = readTagOptions(data, SCRIPT, (text) => warnings.push(text));
  return { options, warnings };
}

Deno.test("a tag without attributes takes the edge that it came from, and the defaults", () => {
  assertEquals(read({}), { options: defaults, warnings: [] });
});

Deno.test("every attribute is read", () => {
  const data = {
    edge: "http://127.0.0.1:8000",
    worker: "/static/sw.js",
    video: "#player video",
    channel: "demo",
    upload: "off",
    uploadCap: "2M",
    cache: "16M",
    resume: "off",
  };
  assertEquals(read(data), {
    options: {
      edge: "http://127.0.0.1:8000/",
      worker: "/static/sw.js",
      elements: "#player video",
      channel: "demo",
      upload: false,
      uploadCap: 250_000,
      cacheBytes: 16_000_000,
      resume: false,
    },
    warnings: [],
  });
});

Deno.test("white space around a value does not count", () => {
  assertEquals(read({ upload: " off\n", edge: " https://other.example/ " }), {
    options: { ...defaults, upload: false, edge: "https://other.example/" },
    warnings: [],
  });
});

Deno.test("a site's no to uploads is understood in any case", () => {
  for (const text of ["off", "OFF", "Off", "false", "False"]) {
    assertEquals(read({ upload: text }).options.upload, false, text);
  }
  for (const text of ["on", "ON", "true"]) assertEquals(read({ upload: text }).options, defaults);
});

const bad: Readonly<Record<string, readonly string[]>> = {
  edge: ["", "nonsense", "/relative", "ftp://edge.example", "https://e.example/?a", "https://e/#a"],
  worker: ["", " "],
  video: [""],
  channel: [" "],
  upload: ["", "maybe", "constructor", "__proto__", "onoff"],
  uploadCap: ["", "fast", "-1", "2Mbit", "1e9", "0x10", "1.M", "Infinity"],
  cache: ["", "64MB", "-5"],
};

Deno.test("a bad value is warned of by its attribute, and the default taken", () => {
  for (const [name, texts] of Object.entries(bad)) {
    for (const text of texts) {
      const { options, warnings } = read({ [name]: text });
      assertEquals(options, defaults, `${name}=${text}`);
      assertEquals(warnings.length, 1, `${name}=${text}`);
      const attribute = name === "uploadCap" ? "data-upload-cap" : `data-${name}`;
      assertStringIncludes(warnings[0]!, `${attribute}="${text}"`);
    }
  }
});

Deno.test("amounts have decimal units of either case", () => {
  assertEquals(parseAmount("0"), 0);
  assertEquals(parseAmount("500"), 500);
  assertEquals(parseAmount("500k"), 500_000);
  assertEquals(parseAmount("1.5M"), 1_500_000);
  assertEquals(parseAmount("2g"), 2_000_000_000);
});

Deno.test("no attribute, whatever it says, makes the tag throw or an option be of another kind", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.stringMatching(/^\d{1,20}[kmgKMGx]?$/),
    fc.constantFrom("on", "off", "toString", "valueOf", "__proto__"),
  );
  const attributes = fc.record({
    edge: text,
    worker: text,
    video: text,
    channel: text,
    upload: text,
    uploadCap: text,
    cache: text,
  }, { requiredKeys: [] });
  fc.assert(fc.property(attributes, (data) => {
    const { options, warnings } = read(data as Record<string, string>);
    assert(warnings.length <= Object.keys(data).length);
    const edge = new URL(options.edge);
    assert(/^https?:$/.test(edge.protocol) && edge.href.endsWith("/"), options.edge);
    assertEquals(edge.search + edge.hash, "");
    assert(options.worker.length > 0 && options.elements.length > 0);
    assertEquals(typeof options.upload, "boolean");
    assert(options.uploadCap === undefined || options.uploadCap >= 0);
    assert(options.cacheBytes >= 0);
  }));
});
