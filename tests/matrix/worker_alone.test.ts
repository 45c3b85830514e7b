/** The worker in a real Chromium, with pages that behave in every way that a page can. */
import { assertEquals, assertGreater, assertGreaterOrEqual } from "@std/assert";
import { openBrowser, type TestBrowser } from "../support/browser.ts";
import { freePort } from "../support/free_port.ts";
import { openViewer, type Viewer } from "../support/viewer.ts";
import { bundle } from "../sw/browser/bundle.ts";
import { makeMedia, type Media } from "../sw/browser/media.ts";
import type { Manner, Probe } from "../sw/browser/page.ts";
import { type Site, startSite } from "../sw/browser/site.ts";

declare const probe: Probe;

const PAGE = `<!doctype html><title>worker</title><video autoplay muted playsinline></video>
<script src="/page.js"></script>`;

interface Parts {
  readonly browser: TestBrowser;
  readonly media: Media;
  readonly page: string;
  readonly worker: string;
}

interface Stage {
  /** Serves the page and its worker file. */
  readonly site: Site;
  /** Serves the media; the same as `site` unless media comes from elsewhere. */
  readonly edge: Site;
  readonly viewer: Viewer;
  /** What a page needs to know to play its part. */
  readonly options: { base: string; startMs: number; segments: number };
}

interface Scene {
  readonly manner: Manner;
  readonly foreign?: boolean;
  /** Whether the page is prepared, says hello and plays before the scene begins. */
  readonly plays?: boolean;
}

async function stage(parts: Parts, scene: Scene, act: (stage: Stage) => Promise<void>) {
  const { browser, media, page, worker } = parts;
  const startMs = Date.now();
  const script = (body: string) => ({ type: "text/javascript", body });
  const files: Record<string, { type: string; body: string }> = {
    "/": { type: "text/html", body: PAGE },
    "/page.js": script(page),
    "/sw.js": script(worker),
  };
  const edge = startSite({ port: freePort(), media, startMs, files, cors: scene.foreign ?? false });
  const line = { ...files, "/sw.js": script(`importScripts("${edge.origin}/sw.js");`) };
  const site = scene.foreign
    ? startSite({ port: freePort(), media, startMs, files: line, cors: false })
    : edge;
  const options = { base: `${edge.origin}/live/demo/`, startMs, segments: media.segments.length };
  try {
    await using viewer = await openViewer(browser, `${site.origin}/`);
    await viewer.page.waitForFunction(() => typeof probe === "object");
    if (scene.plays ?? true) {
      await viewer.page.evaluate(async ({ options, manner }) => {
        await probe.prepare(options);
        probe.manner = manner;
        probe.hello();
        probe.play(options.base);
      }, { options, manner: scene.manner });
      await viewer.firstFrame();
    }
    await act({ site, edge, viewer, options });
  } finally {
    await edge.goDown();
    await site.goDown();
  }
}

const segmentsOf = (site: Site) => site.requests.filter((line) => line.includes(".m4s"));
const probeOf = (viewer: Viewer) =>
  viewer.page.evaluate(() => {
    const { answered, served, done } = probe;
    return { answered, served, done };
  });

/** Play, once it is under way, goes on for `seconds` without want of media. */
async function playsOn(viewer: Viewer, seconds: number): Promise<void> {
  await viewer.plays(0.5);
  const before = await viewer.read();
  await viewer.plays(seconds);
  const { stalls, mediaErrors } = await viewer.read();
  assertEquals(mediaErrors, []);
  assertEquals(stalls.slice(before.stalls.length).filter(({ starved }) => starved), []);
}

Deno.test("a worker alone in Chromium", async (test) => {
  await using browser = await openBrowser();
  const [media, page, worker] = await Promise.all([
    makeMedia(90),
    bundle("tests/sw/browser/page.ts"),
    bundle("sw/worker.ts"),
  ]);
  const parts = { browser, media, page, worker };

  await test.step("plays blobs of the page, and the server sees no request for media", () =>
    stage(parts, { manner: "blobs" }, async ({ edge, viewer }) => {
      await playsOn(viewer, 5);
      assertEquals(edge.requests, ["/live/demo/r0/init-0.mp4"]);
      const { answered, done } = await probeOf(viewer);
      assertGreater(answered, 4);
      assertEquals(done.unused, 0);
    }));

  await test.step("plays from the network when the page is silent", () =>
    stage(parts, { manner: "silent" }, async ({ edge, viewer }) => {
      await playsOn(viewer, 5);
      const { answered, served } = await probeOf(viewer);
      assertEquals(answered, 0);
      assertGreater(segmentsOf(edge).length, 4);
      assertEquals(served.edge.bodies, segmentsOf(edge).length);
    }));

  await test.step("plays on when the page says that it works and never ends", () =>
    stage(parts, { manner: "working" }, async ({ edge, viewer }) => {
      await playsOn(viewer, 5);
      assertGreater(segmentsOf(edge).length, 4);
    }));

  await test.step("plays on when the page's blob URLs are no more", () =>
    stage(parts, { manner: "revoked" }, async ({ edge, viewer }) => {
      await playsOn(viewer, 5);
      assertGreater(segmentsOf(edge).length, 4);
      assertEquals((await probeOf(viewer)).done.used, 0);
    }));

  await test.step("plays on when the worker is ended, and asks the page again after it", () =>
    stage(parts, { manner: "blobs" }, async ({ edge, viewer }) => {
      await playsOn(viewer, 2);
      const devtools = await viewer.page.context().newCDPSession(viewer.page);
      await devtools.send("ServiceWorker.enable");
      await devtools.send("ServiceWorker.stopAllWorkers");
      const { answered } = await probeOf(viewer);
      await playsOn(viewer, 5);
      assertGreater((await probeOf(viewer)).answered, answered + 1);
      assertEquals(segmentsOf(edge), []);
    }));

  await test.step("plays on while the server is down and the page has all", () =>
    stage(parts, { manner: "blobs" }, async ({ edge, viewer }) => {
      await playsOn(viewer, 2);
      await edge.goDown();
      await playsOn(viewer, 15);
    }));

  await test.step("plays from its last copies when the server is down and the page is silent", () =>
    stage(parts, { manner: "silent" }, async ({ edge, viewer, options }) => {
      await playsOn(viewer, 6);
      await edge.goDown();
      await viewer.page.evaluate((base) => probe.play(base), options.base);
      await viewer.plays(2);
      assertGreater((await probeOf(viewer)).served.cache.bodies, 0);
    }));

  await test.step("plays foreign media, from the page and from the network in turn", () =>
    stage(parts, { manner: "mixed", foreign: true }, async ({ edge, viewer }) => {
      await playsOn(viewer, 6);
      const { answered, done } = await probeOf(viewer);
      assertGreaterOrEqual(segmentsOf(edge).length, Math.floor(answered / 2));
      assertGreater(done.used, 3);
    }));

  await test.step("takes over in mid-play on the first visit", () =>
    stage(parts, { manner: "blobs", plays: false }, async ({ edge, viewer, options }) => {
      await viewer.page.evaluate((base) => probe.play(base), options.base);
      await viewer.firstFrame();
      await viewer.page.evaluate((options) => probe.prepare(options), options);
      const before = segmentsOf(edge).length;
      await playsOn(viewer, 6);
      assertEquals(segmentsOf(edge).length, before);
    }));

  await test.step("takes over in mid-play of foreign media on the first visit", () =>
    stage(parts, { manner: "mixed", plays: false, foreign: true }, async (scene) => {
      const { viewer, options } = scene;
      await viewer.page.evaluate((base) => probe.play(base), options.base);
      await viewer.firstFrame();
      await viewer.page.evaluate(async (options) => {
        probe.manner = "mixed";
        await probe.prepare(options);
        probe.hello();
      }, options);
      await playsOn(viewer, 6);
      assertGreater((await probeOf(viewer)).answered, 3);
    }));

  await test.step("is out of the way after a hard reload", () =>
    stage(parts, { manner: "blobs" }, async ({ edge, viewer, options }) => {
      await viewer.hardReload();
      await viewer.page.waitForFunction(() => typeof probe === "object");
      await viewer.page.evaluate((base) => probe.play(base), options.base);
      await viewer.firstFrame();
      await playsOn(viewer, 4);
      assertGreater(segmentsOf(edge).length, 3);
    }));

  for (const foreign of [false, true]) {
    const where = foreign ? ", foreign" : "";
    await test.step(`leaves a page that is being opened to the browser, until it says hello${where}`, () =>
      stage(parts, { manner: "blobs", foreign }, async ({ edge, viewer, options }) => {
        await viewer.reload();
        await viewer.page.waitForFunction(() => typeof probe === "object");
        const before = edge.requests.length;
        await viewer.page.evaluate((base) => probe.play(base), options.base);
        await viewer.firstFrame();
        // The worker asks for all without naming a range.
        const asked = edge.requests.slice(before);
        assertEquals(asked.filter((line) => !line.endsWith(" bytes=0-")), []);
        await viewer.page.evaluate(async (options) => {
          await probe.prepare(options);
          probe.hello();
        }, options);
        await playsOn(viewer, 6);
        assertGreater((await probeOf(viewer)).answered, 2);
      }));
  }

  for (const foreign of [false, true]) {
    await test.step(`gives a player a stream that the network ends${foreign ? ", foreign" : ""}`, () =>
      stage(
        parts,
        { manner: "stopping", foreign, plays: false },
        async ({ edge, viewer, options }) => {
          const got = await viewer.page.evaluate(async (options) => {
            await probe.prepare(options);
            probe.hello();
            probe.manner = "stopping";
            const response = await fetch(`${options.base}r0/3.m4s`);
            return { status: response.status, bytes: Array.from(await response.bytes()) };
          }, options);
          const whole = media.segments[3]!;
          assertEquals(got.status, 200);
          assertEquals(new Uint8Array(got.bytes), whole);
          const half = Math.floor(whole.length / 2);
          assertEquals(edge.requests, [`/live/demo/r0/3.m4s bytes=${half}-${whole.length - 1}`]);
        },
      ));
  }
});
