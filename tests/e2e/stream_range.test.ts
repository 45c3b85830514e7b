/** An element whose endless answer breaks off asks for the rest by range: of a back buffer, not of the edge. */
import { concat } from "@std/bytes/concat";
import { assertEquals } from "@std/assert";
import type { CDPSession } from "playwright-core";
import { KEY, listenTo, radioStage, startEncoder } from "../interop/radio_stage.ts";
import { openBrowser } from "../support/browser.ts";
import { startCountingProxy } from "../support/counting_proxy.ts";
import { listenAt } from "../support/ear.ts";
import { openViewer, type Viewer } from "../support/viewer.ts";
import { waitUntil } from "../support/wait.ts";

/** More than Chromium reads ahead while it plays: it has not got all that the page has. */
const RICH = "-c:v libvpx -deadline realtime -cpu-used 12 -b:v 5M -minrate 5M -maxrate 5M -g 10";
const NOISE = ["-re", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=10,noise=alls=90:allf=t"];
/** What the channel has when the page opens, bytes: some seconds. */
const BEGUN = 4_000_000;
/** Of the rest, bytes: about a second. */
const ENOUGH = 500_000;

interface Answer {
  readonly range: string | undefined;
  readonly status: number;
  readonly fromWorker: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it comes to the element. */
  readonly parts: Uint8Array<ArrayBuffer>[];
}

/** Answers to what a page asks for below `/stream/`, from now on. */
async function streamAnswers(devtools: CDPSession): Promise<readonly Answer[]> {
  const ranges = new Map<string, string | undefined>();
  const bodies = new Map<string, Uint8Array<ArrayBuffer>[]>();
  const answers: Answer[] = [];
  devtools.on("Network.requestWillBeSent", ({ requestId, request: { headers } }) => {
    ranges.set(requestId, headers["Range"]);
  });
  devtools.on("Network.responseReceived", async ({ requestId, response }) => {
    if (!new URL(response.url).pathname.startsWith("/stream/")) return;
    const { status, fromServiceWorker: fromWorker = false, headers } = response;
    const parts: Uint8Array<ArrayBuffer>[] = [];
    answers.push({ range: ranges.get(requestId), status, fromWorker, headers, parts });
    bodies.set(requestId, parts);
    const asked = { requestId };
    const before = await devtools.send("Network.streamResourceContent", asked).catch(() => {});
    if (before) parts.unshift(Uint8Array.fromBase64(before.bufferedData));
  });
  devtools.on("Network.dataReceived", ({ requestId, data }) => {
    if (data) bodies.get(requestId)?.push(Uint8Array.fromBase64(data));
  });
  await devtools.send("Network.enable");
  return answers;
}

/** Resolves when the page has told the worker that it can be asked. */
async function isAskable({ page }: Viewer): Promise<void> {
  await page.waitForFunction(() => document.documentElement.dataset["hello"]);
}

function notesHello(): void {
  const { prototype } = ServiceWorker;
  const { postMessage } = prototype;
  prototype.postMessage = function (this: ServiceWorker, message: unknown, ...rest: unknown[]) {
    Reflect.apply(postMessage, this, [message, ...rest]);
    if ((message as { type?: string })?.type !== "tributary:hello") return;
    document.documentElement.dataset["hello"] = "said";
  };
}

Deno.test("Chromium, whose worker ends while the edge is away, gets the rest by range at the very byte, and plays on", async () => {
  await using stage = await radioStage(["picture"]);
  await using _source = startEncoder(NOISE, 60, [
    ...[...RICH.split(" "), "-f", "webm", "-content_type", "video/webm"],
    `icecast://source:${KEY}@127.0.0.1:${stage.port}/picture`,
  ]);
  await stage.onAir("picture");
  const all = await listenTo(stage, "picture");
  await all.until(BEGUN);
  await all[Symbol.asyncDispose]();
  await using proxy = startCountingProxy(stage.edge.url, {
    "/page": [
      "text/html",
      `<!DOCTYPE html>
        <video src="/stream/picture?burst=20" preload="none" muted></video>
        <script src="/tributary.js" async></script>`,
    ],
  });
  await using browser = await openBrowser();
  await using viewer = await openViewer(browser, `${proxy.url}/page`, { before: notesHello });
  await isAskable(viewer);
  const devtools = await viewer.page.context().newCDPSession(viewer.page);
  const answers = await streamAnswers(devtools);
  await viewer.play();
  await viewer.plays(2);
  assertEquals(proxy.requests.filter(({ path }) => path.startsWith("/stream/")), []);

  await proxy[Symbol.asyncDispose]();
  await devtools.send("ServiceWorker.enable");
  await devtools.send("ServiceWorker.stopAllWorkers");
  const first = answers[0]!;
  const rest = await waitUntil("another answer", () => answers[1], 20_000);
  const from = Number(/^bytes=([1-9]\d*)-$/.exec(rest.range ?? "")?.[1]);
  assertEquals([first.range, first.status, first.fromWorker], ["bytes=0-", 200, true]);
  assertEquals([rest.status, rest.fromWorker], [206, true]);
  assertEquals(rest.headers["content-range"], `bytes ${from}-${Number.MAX_SAFE_INTEGER - 1}/*`);
  // It has two or three of them in its buffer.
  await viewer.plays(3);
  await waitUntil(
    "some of the rest",
    () => rest.parts.reduce((sum, { length }) => sum + length, 0) >= ENOUGH,
    20_000,
  );

  const token = first.headers["tributary-resume"]!;
  const heard = concat(rest.parts);
  await using ear = await listenAt(
    `${stage.edge.url}/stream/picture?resume=${token}&from=${from}`,
  );
  await ear.until(heard.length);
  const differs = ear.heard().slice(0, heard.length).findIndex((byte, at) => byte !== heard[at]);
  assertEquals(differs, -1, `the edge has another byte ${differs} of ${heard.length}`);
  const { mediaErrors, ended, jumps } = await viewer.read();
  assertEquals([mediaErrors, ended, jumps], [[], false, []]);
});
