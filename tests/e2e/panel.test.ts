/** The panel, the watch page and the portal in a real browser, fed by a stand-in for tag and edge. */
import { portalValues } from "../../edge/portal.ts";
import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { contentType } from "@std/media-types/content-type";
import { extname, join } from "@std/path";
import type { Locator, Page } from "playwright-core";
import type { TributaryStats } from "../../web/api.ts";
import { openBrowser, type TestBrowser } from "../support/browser.ts";
import { ensureBuilt, root } from "../support/build.ts";
import { waitUntil } from "../support/wait.ts";

const dist: string = join(root, "dist");

const demo = channel("demo", "Demo <1>", 7);

/** A channel as the edge tells of it. */
function channel(name: string, title: string, viewers: number) {
  const [watch, media] = [`/watch/${name}`, `/live/${name}/index.m3u8`];
  return { name, title, state: "on-air", viewers, watch, media, ingest: true };
}
const panelPage = `<!doctype html><html lang="en"><title>panel</title>
<link rel="icon" href="/site/icon.svg"><video id="film"></video>
<tributary-panel for="film"></tributary-panel>
<script src="/panel.js"></script>`;

const stats: TributaryStats = {
  peers: 3,
  viewers: 12,
  bytes: { peers: 1_000_000, edge: 500_000, cache: 250_000, uploaded: 2_000_000 },
  offload: 0.714,
  bufferSeconds: 6.25,
  state: "sharing",
  reason: "Sharing with 3 partners.",
  upload: { on: true, active: true, capBytesPerSecond: 285_000 },
};

/** What the stand-in for the edge says just now. */
interface Scene {
  channels: readonly unknown[];
  away: boolean;
  /** How often a page has asked. */
  looks: number;
}

async function serve(scene: Scene): Promise<AsyncDisposable & { origin: string }> {
  await ensureBuilt();
  const page = async (file: string) =>
    (await Deno.readTextFile(join(dist, file)))
      .replaceAll("{{channel}}", "demo")
      .replaceAll("{{media}}", demo.media)
      .replaceAll("{{title}}", "Demo &lt;1&gt;")
      .replaceAll("{{state}}", "on-air");
  const answer = async (path: string): Promise<Response> => {
    if (path.startsWith("/api/")) scene.looks++;
    if (path.startsWith("/api/") && scene.away) return new Response(null, { status: 502 });
    if (path === "/api/channels") return Response.json({ channels: scene.channels });
    if (path.startsWith("/api/")) return Response.json(scene.channels[0]);
    const type = (file: string) => ({ "Content-Type": contentType(extname(file)) ?? "text/plain" });
    if (path === "/panel") return new Response(panelPage, { headers: type("page.html") });
    if (path === "/watch/demo") {
      return new Response(await page("site/watch.html"), { headers: type("page.html") });
    }
    if (path === "/tributary.js") return new Response("", { headers: type("tag.js") });
    if (path.startsWith("/live/demo/poster")) {
      return new Response(await Deno.readFile(join(dist, "demo/poster.jpg")));
    }
    if (path.startsWith("/live/")) return new Response("junk", { headers: type("index.m3u8") });
    if (path === "/") return new Response(await emptyPortal(), { headers: type("page.html") });
    const file = path.slice(1);
    return new Response(await Deno.readFile(join(dist, file)), { headers: type(file) });
  };
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const response = await answer(new URL(request.url).pathname);
      response.headers.set("Content-Security-Policy", "default-src 'self'");
      return response;
    },
  );
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** As the edge writes it while there is no channel: its script finds those that there are. */
async function emptyPortal(): Promise<string> {
  const values = portalValues([], [], new URLSearchParams());
  let text = await Deno.readTextFile(join(dist, "site/portal.html"));
  for (const [name, value] of Object.entries(values)) {
    text = text.replaceAll(`{{${name}}}`, String(await value));
  }
  return text;
}

async function withPage(
  browser: TestBrowser,
  path: string,
  act: (page: Page, scene: Scene) => Promise<void>,
): Promise<void> {
  const scene: Scene = { channels: [demo], away: false, looks: 0 };
  await using server = await serve(scene);
  await using profile = await browser.profile();
  const page = await profile.tab();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // The browser itself tells of every answer that is an error.
    const expected = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !expected) complaints.push(message.text());
  });
  await page.goto(server.origin + path);
  await act(page, scene);
  assertEquals(complaints, []);
}

function tell(page: Page, id: string, detail: TributaryStats): Promise<void> {
  return page.evaluate(
    ([id, detail]) => {
      document.getElementById(id)!.dispatchEvent(new CustomEvent("tributary:stats", { detail }));
    },
    [id, detail] as const,
  );
}

async function reads(locator: Locator, pattern: RegExp): Promise<void> {
  await waitUntil(
    `${pattern} in ${locator}`,
    async () => pattern.test(await locator.innerText()),
    4_000,
  );
}

/** 100 kB/s from peers, half of that from the edge, 150 kB/s uploaded, from `stats` on. */
function bytesAfter(second: number): TributaryStats["bytes"] {
  return {
    peers: stats.bytes.peers + second * 100_000,
    edge: stats.bytes.edge + second * 50_000,
    cache: stats.bytes.cache,
    uploaded: stats.bytes.uploaded + second * 150_000,
  };
}

/** How many of the chart's pixels have the colour of a custom property. */
function pixels(page: Page, property: string): Promise<number> {
  return page.evaluate((property) => {
    const root = document.querySelector("tributary-panel")!.shadowRoot!;
    const canvas = root.querySelector("canvas")!;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    const colour = getComputedStyle(root.host).getPropertyValue(property).trim();
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      const hex = [...data.subarray(at, at + 3)].map((byte) => byte.toString(16).padStart(2, "0"));
      if (`#${hex.join("")}` === colour) count++;
    }
    return count;
  }, property);
}

Deno.test(
  "the panel tells what the element's events say, to eyes and to screen readers",
  async () => {
    // The faked clock stays with the browser.
    await using browser = await openBrowser();
    await withPage(browser, "/panel", async (page) => {
      await page.clock.install({ time: 0 });
      await page.reload();
      await page.clock.pauseAt(5_000);
      const panel = page.getByRole("region", { name: "Live figures" });
      await reads(panel, /Waiting[\s\S]*Figures come as soon as the video does/);
      assert(await panel.getByRole("switch").isDisabled());
      for (let second = 0; second <= 60; second++) {
        await tell(page, "film", { ...stats, bytes: bytesAfter(second) });
        await page.clock.runFor(1_000);
      }

      await reads(panel, /Sharing with 3 partners\./);
      await reads(panel, /Offload\s+71%\s+Partners\s+3\s+Buffer\s+6\.3 s/);
      const row = (name: string) => panel.getByRole("row", { name });
      assertMatch(await row("From peers").innerText(), /800 kbit\/s\s+7 MB/);
      assertMatch(await row("From the edge").innerText(), /400 kbit\/s\s+3\.5 MB/);
      assertMatch(await row("From cache").innerText(), /0 bit\/s\s+250 kB/);
      assertMatch(await row("Uploaded").innerText(), /1\.2 Mbit\/s\s+11 MB/);
      await panel.getByRole("img", {
        name: /Just now 800 kbit\/s from peers, 400 kbit\/s from the edge/,
      }).waitFor();
      const drawn = { peers: await pixels(page, "--peers"), edge: await pixels(page, "--edge") };
      assert(drawn.edge > 500, `${drawn.edge} pixels for the edge`);
      assertAlmostEquals(drawn.peers / drawn.edge, 2, 0.3);

      const reason =
        "This page was hard-reloaded, so the worker is not in charge; reload normally.";
      await tell(page, "film", { ...stats, state: "edge-only", reason });
      await reads(panel, /Edge only[\s\S]*hard-reloaded/);
      await tell(page, "film", { ...stats, state: "reconnecting", reason: "The edge is away." });
      await reads(panel, /Reconnecting[\s\S]*The edge is away/);
    });
  },
);

Deno.test("switch, watch page and portal", async (t) => {
  await using browser = await openBrowser();

  await t.step(
    "the viewer's switch and cap reach the tag",
    () =>
      withPage(browser, "/panel", async (page) => {
        await page.evaluate((stats) => {
          const calls: unknown[] = [];
          Object.assign(globalThis, { calls });
          globalThis.tributary = {
            stats: () => stats,
            setUpload: (on) => calls.push(on),
            setUploadCap: (cap) => calls.push(cap ?? "default"),
          };
        }, stats);
        const sharing = page.getByRole("switch", { name: "Share with other viewers" });
        const cap = page.getByRole("combobox", { name: "Upload at most" });
        await waitUntil("the panel asks the tag by itself", () => sharing.isEnabled(), 4_000);
        assert(await sharing.isChecked());
        assertEquals(await cap.locator("option:checked").innerText(), "default: 2.28 Mbit/s");

        await cap.selectOption({ label: "1 Mbit/s" });
        await cap.selectOption({ label: "no limit" });
        await cap.selectOption("default");
        await sharing.focus();
        await page.keyboard.press("Space");
        const calls = await page.evaluate(() =>
          (globalThis as unknown as { calls: unknown[] }).calls
        );
        assertEquals(calls, [125_000, Number.MAX_SAFE_INTEGER, "default", false]);
      }),
  );

  await t.step(
    "the watch page says what is wrong with the video, and tries again when told to",
    () =>
      withPage(browser, "/watch/demo", async (page, scene) => {
        assertEquals(await page.title(), "Demo <1> · Tributary");
        const alert = page.getByRole("alert");
        await reads(alert, /The video broke off/);
        await waitUntil("a look at the channel for what is wrong", () => scene.looks >= 2, 2_000);
        assertMatch(
          await page.getByLabel("For VLC, mpv, a TV or a radio").inputValue(),
          /^http:\/\/127\.0\.0\.1:\d+\/live\/demo\/index\.m3u8$/,
        );
        assertMatch(
          await page.getByLabel("HTML to embed").innerText(),
          /<script src="http:\/\/127\.0\.0\.1:\d+\/tributary\.js" async>/,
        );
        await tell(page, "player", { ...stats, viewers: 1284 });
        await reads(page.locator("#viewers"), /1,284 watching/);
        scene.away = true;
        await page.evaluate(() => dispatchEvent(new Event("online")));
        await reads(page.locator("#badge"), /No answer/);
        await reads(page.locator("#detail"), /The edge does not answer just now/);
        await tell(page, "player", { ...stats, viewers: 1284 });
        assertEquals(
          await page.locator("#viewers").innerText(),
          "",
          "what is not known is not told",
        );
        scene.away = false;
        await page.evaluate(() => dispatchEvent(new Event("online")));
        await reads(page.locator("#badge"), /Live/);

        const asked = page.waitForRequest(/index\.m3u8/);
        await page.getByRole("button", { name: "Try again" }).click();
        await asked;
        await reads(alert, /The video broke off/);
      }),
  );

  await t.step(
    "a video that broke off by itself starts again when the channel is back on air",
    () =>
      withPage(browser, "/watch/demo", async (page, scene) => {
        const lookAgain = () => page.evaluate(() => dispatchEvent(new Event("online")));
        await reads(page.getByRole("alert"), /The video broke off/);
        scene.channels = [{ ...demo, state: "off-air" }];
        await lookAgain();
        await reads(page.getByRole("alert"), /Off air/);
        await reads(page.locator("#badge"), /Off air/);

        const asked = page.waitForRequest(/index\.m3u8/);
        scene.channels = [demo];
        await lookAgain();
        await asked;
      }),
  );

  await t.step(
    "the portal lists the channels, outlives the edge and keeps the focus",
    () =>
      withPage(browser, "/", async (page, scene) => {
        const lookAgain = () => page.evaluate(() => dispatchEvent(new Event("online")));
        const list = page.getByRole("list");
        const link = list.getByRole("link", { name: /Demo <1>/ });
        await link.waitFor();
        assertMatch(await link.getAttribute("href") ?? "", /^\/watch\/demo$/);
        assertMatch(await link.innerText(), /Live\s+Demo <1>\s+7 watching/);
        await link.focus();

        scene.away = true;
        await lookAgain();
        await reads(page.locator("#away"), /The edge does not answer/);
        assert(await link.isVisible(), "what is known stays on the page");

        scene.away = false;
        scene.channels = [
          channel("big", "Big", 90),
          { ...demo, viewers: 9 },
        ];
        await lookAgain();
        await reads(list, /Big\s+90 watching[\s\S]*Demo <1>\s+9 watching/);
        assert(!await page.locator("#away").isVisible());
        assert(
          await link.evaluate((element) => element === document.activeElement),
          "focus is lost",
        );

        scene.channels = [];
        await lookAgain();
        await reads(page.locator("#none"), /No channel yet[\s\S]*--pull NAME=URL/);
      }),
  );
});
