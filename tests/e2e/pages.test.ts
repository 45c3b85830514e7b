/** Portal, watch page and the page for what is not there: on a phone and a wide screen, light and dark, by keyboard. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import type { Page } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { splitFragments } from "../../edge/media/mp4_fragments.ts";
import { type EdgeProcess, startEdge } from "../support/edge_process.ts";
import { waitUntil } from "../support/wait.ts";

const SIZES = { phone: { width: 360, height: 780 }, wide: { width: 1440, height: 900 } };
const PAGES = ["/", "/?q=nothing+at+all", "/watch/demo", "/watch/nothing", "/studio"];
/** WCAG 2.2, criteria 1.4.3 (text) and 2.5.8 (targets). */
const CONTRAST = 4.5;
const CONTRAST_LARGE = 3;
const TARGET_PX = 24;

/** What on the page is not as it should be, in words. Runs in the page. */
function faults({ contrast, contrastLarge, targetPx }: {
  contrast: number;
  contrastLarge: number;
  targetPx: number;
}): string[] {
  const found: string[] = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push(`${scrollWidth} px wide on ${clientWidth}`);

  const everything = (root: Document | ShadowRoot): Element[] =>
    [...root.querySelectorAll("*")].flatMap((one) =>
      one.shadowRoot ? [one, ...everything(one.shadowRoot)] : [one]
    );
  const parentOf = (one: Element): Element | null =>
    one.parentElement ?? (one.getRootNode() as ShadowRoot).host ?? null;
  const rgba = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour: string) => {
    const [red, green, blue] = rgba(colour).slice(0, 3).map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  /** The plain colour behind an element; none where there is a picture or a gradient. */
  const behind = (one: Element): string | undefined => {
    for (let at: Element | null = one; at; at = parentOf(at)) {
      const { backgroundColor, backgroundImage } = getComputedStyle(at);
      if (backgroundImage !== "none") return undefined;
      const [, , , alpha = 1] = rgba(backgroundColor);
      if (alpha === 1) return backgroundColor;
    }
    return undefined;
  };

  for (const one of everything(document)) {
    if (!one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const box = one.getBoundingClientRect();
    // What only screen readers are told is a pixel large, or out of sight until it has the focus.
    if (box.width <= 1 || box.bottom < 0) continue;
    const text = [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
      .map((node) => node.textContent!.trim()).join("");
    const background = behind(one);
    if (text && background && !one.closest(":disabled, noscript")) {
      const style = getComputedStyle(one);
      const [high, low] = [luminance(style.color), luminance(background)].sort((a, b) => b - a);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
      const ratio = (high! + 0.05) / (low! + 0.05);
      if (ratio < (large ? contrastLarge : contrast)) {
        found.push(`“${text.slice(0, 30)}”: contrast ${ratio.toFixed(2)}`);
      }
    }
    if (one.matches("button, select, input") && box.height < targetPx) {
      found.push(`${one.localName} ${one.id}: ${box.height} px high`);
    }
  }
  return found;
}

/** What has the focus, in words, and whether one sees that. Runs in the page. */
function focused(): { name: string; visible: boolean } {
  let one = document.activeElement!;
  while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
  const framed = one.parentElement && getComputedStyle(one.parentElement, "::after");
  // Within the video the browser's own controls have the focus, and show it.
  const isControl = one.localName === "video" && !one.matches(":focus-visible");
  const label = one.getAttribute("aria-label") ??
    (one as HTMLInputElement).labels?.[0]?.innerText ??
    (one as HTMLElement).innerText;
  return {
    name: `${one.localName}: ${label.trim().split("\n")[0]}`,
    visible: isControl || boxShadow !== "none" ||
      (one.localName === "video"
        ? framed?.borderTopStyle === "solid"
        : outlineStyle !== "none" && parseFloat(outlineWidth) > 0),
  };
}

/** Presses Tab until the focus comes back to where it began, and answers the stops. */
async function tabThrough(page: Page): Promise<string[]> {
  const names: string[] = [];
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press("Tab");
    const { name, visible } = await page.evaluate(focused);
    if (name.startsWith("body") || name === names[0]) break;
    assert(visible, `nothing shows that ${name} has the focus`);
    if (names.at(-1) !== name) names.push(name);
  }
  return names;
}

const KEY = "a-long-secret";
const CLIP = new URL("../../edge/origin/demo/clip.mp4", import.meta.url);

/** Puts the channel `cam` on air for a moment, and has its owner say what it is. */
async function broadcast(edge: EdgeProcess): Promise<void> {
  const { init, fragments } = splitFragments(await Deno.readFile(CLIP));
  const put = async (url: string, body: BodyInit, headers: HeadersInit = {}) => {
    const response = await fetch(edge.url + url, { method: "PUT", headers, body });
    await response.body?.cancel();
    assert(response.ok, `${url} answers ${response.status}`);
  };
  await put("/api/channels/cam", '{"title":"Harbour","genre":"Nature","language":"pt-BR"}', {
    Authorization: `Bearer ${KEY}`,
  });
  const below = `/ingest/cam/${KEY}`;
  const listed = ["0.m4s", "1.m4s", "2.m4s"];
  await put(`${below}/init.mp4`, init.slice());
  for (const [at, name] of listed.entries()) await put(`${below}/${name}`, fragments[at]!.slice());
  const lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:2", '#EXT-X-MAP:URI="init.mp4"'];
  for (const name of listed) lines.push("#EXTINF:2,", name);
  await put(`${below}/live.m3u8`, lines.join("\n"));
  await waitUntil("cam on air", async () => (await edge.stats("cam")).state === "on-air", 10_000);
}

Deno.test("the pages are for everybody", async (test) => {
  await using edge = await startEdge(["--ingest", `cam=${KEY}`]);
  await using browser = await openBrowser();
  await using profile = await browser.profile();
  const page = await profile.tab();

  for (const [name, size] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"] as const) {
      await test.step(`${name}, ${colorScheme}: all fits, and all can be read and hit`, async () => {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme });
        for (const path of PAGES) {
          await page.goto(edge.url + path);
          if (path === "/") await page.getByRole("link", { name: /Tributary demo/ }).waitFor();
          if (path === "/watch/demo") await page.getByText("1 watching").waitFor();
          const options = {
            contrast: CONTRAST,
            contrastLarge: CONTRAST_LARGE,
            targetPx: TARGET_PX,
          };
          assertEquals(await page.evaluate(faults, options), [], path);
        }
      });
    }
  }

  await test.step("the portal shows each channel's picture, and by keyboard leads to it", async () => {
    await page.setViewportSize(SIZES.wide);
    await page.goto(`${edge.url}/`);
    const card = page.getByRole("link", { name: /Tributary demo/ });
    await card.waitFor();
    const picture = card.locator("img");
    await picture.evaluate((image: HTMLImageElement) => image.decode());
    assertGreater(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth), 0);
    const stops = await tabThrough(page);
    assert(stops.some((stop) => /^a: .*(Live|Tributary demo)/.test(stop)), stops.join("; "));
    await card.focus();
    await page.keyboard.press("Enter");
    await page.waitForURL("**/watch/demo");
  });

  await test.step("a channel without a picture shows one from its stream, and its genre and language", async () => {
    await broadcast(edge);
    await page.goto(`${edge.url}/`);
    const card = page.getByRole("link", { name: /Harbour/ });
    await card.getByText("Nature · Brazilian Portuguese").waitFor();
    const still = card.locator("video");
    await still.waitFor();
    assertEquals(await still.evaluate((one: HTMLVideoElement) => one.videoWidth), 640);
  });

  await test.step("the list follows while one types, and the address with it", async () => {
    const field = page.getByRole("searchbox", { name: "Look for channels" });
    await field.fill("portuguese");
    await page.getByRole("link", { name: /Tributary demo/ }).waitFor({ state: "detached" });
    assertEquals(new URL(page.url()).search, "?q=portuguese");
    await field.fill("opera");
    await page.getByRole("heading", { name: "Nothing found" }).waitFor();
    assertEquals(await page.getByRole("link", { name: /Harbour/ }).count(), 0);
    await page.getByRole("link", { name: "Show all" }).click();
    await page.getByRole("link", { name: "Nature", exact: true }).click();
    await page.getByRole("link", { name: /Harbour/ }).waitFor();
    assertEquals(await page.getByRole("link", { name: /Tributary demo/ }).count(), 0);
  });

  await test.step("a page elsewhere shows the channel in the frame that oEmbed gives it", async () => {
    const address = encodeURIComponent(`${edge.url}/watch/demo`);
    const { html } = await (await fetch(`${edge.url}/oembed?url=${address}`)).json();
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    await using elsewhere = Deno.serve(
      options,
      () => new Response(`<!DOCTYPE html>${html}`, { headers: { "Content-Type": "text/html" } }),
    );
    await page.goto(`http://127.0.0.1:${elsewhere.addr.port}/`);
    const video = page.frameLocator("iframe").locator("video");
    await video.evaluate((one: HTMLVideoElement) =>
      one.currentTime > 0 || new Promise((resolve) => one.ontimeupdate = resolve)
    );
    // Its connections end before the server does.
    await page.goto("about:blank");
  });

  await test.step("on the watch page everything is reached by keyboard, in its order", async () => {
    await page.goto(`${edge.url}/watch/demo`);
    await page.getByText("1 watching").waitFor();
    const sound = page.getByRole("button", { name: "Turn on the sound" });
    await sound.waitFor();
    const stops = await tabThrough(page);
    const wanted = [
      "a: Skip to the video",
      "a: Tributary",
      "a: All channels",
      "video: Tributary demo",
      "button: Turn on the sound",
      "input: Share with other viewers",
      "select: Upload at most",
      "input: This page",
      "button: Copy",
    ];
    assertEquals(stops.filter((stop) => wanted.includes(stop)).slice(0, wanted.length), wanted);
    await sound.press("Enter");
    await sound.waitFor({ state: "hidden" });
    const video = page.locator("video");
    assertEquals(await video.evaluate((one: HTMLVideoElement) => one.muted), false);
    assert(await video.evaluate((one) => one === document.activeElement), "the focus is lost");
  });
});
