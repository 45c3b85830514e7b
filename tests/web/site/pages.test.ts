/** The pages hold under `Content-Security-Policy: default-src 'self'`, and need nobody but the edge. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";

const folder: string = fromFileUrl(new URL("../../../web/site/", import.meta.url));
const read = (file: string) => Deno.readTextFileSync(folder + file);

const placeholders: Record<string, readonly string[]> = {
  "portal.html": ["blank", "cards", "chips", "films", "kept", "none", "nothing", "q", "tally"],
  "watch.html": [
    "channel",
    "description",
    "height",
    "media",
    "page",
    "robots",
    "site",
    "state",
    "summary",
    "title",
    "topics",
    "width",
  ],
  "embed.html": ["channel", "media", "title"],
  "lost.html": ["heading", "text"],
  "../studio/studio.html": [],
};

for (const [file, names] of Object.entries(placeholders)) {
  Deno.test(`${file} has no script, style or handler in it, and no foreign address`, () => {
    const page = read(file);
    const scripts = [...page.matchAll(/<script\b([^>]*)>([^<]*)/g)];
    for (const [, attributes, body] of scripts) {
      assertMatch(attributes!, /src="\/[^/]/);
      assertEquals(body, "");
    }
    assert(!/<style\b|\sstyle=|\son\w+=/i.test(page));
    // What is not loaded but named for others begins with the edge's address.
    const withoutSnippets = page.replaceAll(/<pre\b.*?<\/pre>/gs, "").replaceAll(
      /\{\{site\}\}\/|\{\{media\}\}/g,
      "/",
    );
    for (const [, address] of withoutSnippets.matchAll(/\s(?:src|href|poster)="([^"]*)"/g)) {
      assertMatch(address!, /^(\/(?!\/)|#)/);
    }
  });

  Deno.test(`${file} is filled in with ${names.length ? names.join(", ") : "nothing"}`, () => {
    const found = [...read(file).matchAll(/\{\{(.*?)\}\}/g)].map(([, name]) => name!);
    assertEquals([...new Set(found)].sort(), names);
  });

  Deno.test(`${file} has a language, a viewport, a title, one h1, a skip link that leads somewhere`, () => {
    const page = read(file);
    assertMatch(page, /<html lang="en">/);
    assertMatch(page, /name="viewport"/);
    assertMatch(page, /<title>[^<]+<\/title>/);
    assertEquals(page.match(/<h1\b/g)?.length, 1);
    const target = page.match(/class="skip" href="#(\w+)"/)?.[1];
    assert(target && page.includes(`id="${target}"`));
  });
}

Deno.test("style sheets and icon load nothing from elsewhere", () => {
  const drawn = [
    "site.css",
    "portal.css",
    "watch.css",
    "embed.css",
    "../studio/studio.css",
    "icon.svg",
  ]
    .map(read).join("");
  for (const [, address] of drawn.matchAll(/url\(\s*"?([^")]*)/g)) {
    assertMatch(address!, /^(\/site\/|#)/);
  }
  assert(!/@import|(?:href|src)="http/.test(drawn));
});
