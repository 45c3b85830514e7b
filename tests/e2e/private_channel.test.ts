/** A private channel in real browsers, a relay and players: by its address, and only by that. */
import { assert, assertEquals } from "@std/assert";
import { startFfmpeg } from "../interop/ffmpeg_source.ts";
import { PLAYERS } from "../interop/players.ts";
import { openBrowser } from "../support/browser.ts";
import { startEdge } from "../support/edge_process.ts";
import { freePort } from "../support/free_port.ts";
import { startLocalRelay } from "../support/local_relay.ts";
import { openViewer } from "../support/viewer.ts";
import { waitUntil } from "../support/wait.ts";

const KEY = "a-long-secret";
const SHARED_BYTES = 100_000;

Deno.test("who has the address of a private channel watches, feeds others and is fed; who has its name does not", async () => {
  const port = freePort();
  await using edge = await startEdge([
    ...["--no-demo", "--ingest", `cam=${KEY}`, "--ingest-port", `${port}`],
  ]);
  const closed = await fetch(`${edge.url}/api/channels/cam`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${KEY}` },
    body: '{"visibility":"private"}',
  });
  const { watch, playlist, stream } = await closed.json();
  const hls = ["-f", "hls", "-hls_time", "2", "-hls_segment_type", "fmp4", "-method", "PUT"];
  await using _source = startFfmpeg(
    60,
    [...hls, `http://127.0.0.1:${port}/ingest/cam/${KEY}/live.m3u8`],
  );
  await waitUntil("media", async () => {
    const answer = await fetch(edge.url + playlist);
    return (await answer.text()).includes("r0/2.m4s");
  }, 20_000);

  await using browser = await openBrowser();
  await using first = await openViewer(browser, edge.url + watch);
  await using second = await openViewer(browser, edge.url + watch);
  await Promise.all([first.firstFrame(), second.firstFrame()]);
  await waitUntil("media from a partner", async () => {
    const both = await Promise.all([first.stats(), second.stats()]);
    return both.some((stats) => stats && stats.bytes.peers > SHARED_BYTES);
  }, 20_000);

  await using relay = await startLocalRelay(edge.url, watch.slice("/watch/".length));
  await relay.until("partners", ({ partners }) => partners >= 1);
  const addresses = [edge.url + playlist, edge.url + stream, `${relay.url}/live/cam/index.m3u8`];
  const heard = await Promise.all(addresses.map((address) => PLAYERS.ffmpeg!(address)));
  for (const complaints of heard) assert(!/error|403/i.test(complaints), complaints);

  await using profile = await browser.profile();
  const page = await profile.tab();
  assertEquals((await page.goto(`${edge.url}/watch/cam`))!.status(), 403);
  assertEquals(await page.locator("h1").textContent(), "This stream is private");
  const joined = await page.evaluate((url) =>
    new Promise<boolean>((resolve) => {
      const socket = new WebSocket(url);
      socket.onopen = () => resolve(true);
      socket.onerror = () => resolve(false);
    }), `${edge.url.replace("http", "ws")}/swarm/cam`);
  assertEquals(joined, false);
});
