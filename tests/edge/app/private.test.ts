/** Channels that only those watch who have been given the address. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { type FakeChannel, fakeChannel, openEdge, type TestEdge } from "./fixtures.ts";

const KEY = "a-long-secret";
const OWNER = { Authorization: `Bearer ${KEY}` };
/** All that shows something of a channel. */
const WAYS = [
  (cam: string) => `/watch/${cam}`,
  (cam: string) => `/embed/${cam}`,
  (cam: string) => `/live/${cam}/index.m3u8`,
  (cam: string) => `/live/${cam}/r0/1.m4s`,
  (cam: string) => `/live/${cam}/poster`,
  (cam: string) => `/stream/${cam}`,
  (cam: string) => `/api/channels/${cam}`,
  (cam: string) => `/api/channels/${cam}/stats`,
  (cam: string) => `/oembed?url=${encodeURIComponent(`http://localhost/watch/${cam}`)}`,
];

function keyed(name: string): FakeChannel {
  return Object.assign(fakeChannel(name), { key: KEY });
}

async function say(edge: TestEdge, visibility: string) {
  const body = JSON.stringify({ visibility });
  const answer = await edge.app.request("/api/channels/cam", {
    method: "PUT",
    headers: OWNER,
    body,
  });
  return await answer.json();
}

/** `cam~KEY`, as its owner is told. */
async function closed(edge: TestEdge): Promise<string> {
  const { watch } = await say(edge, "private");
  assertMatch(watch, /^\/watch\/cam~[\w-]{22}$/);
  return watch.slice("/watch/".length);
}

async function statuses(edge: TestEdge, cam: string, headers = {}): Promise<number[]> {
  return await Promise.all(WAYS.map(async (path) => {
    const answer = await edge.app.request(path(cam), { headers });
    await answer.body?.cancel();
    return answer.status;
  }));
}

const all = (status: number) => WAYS.map(() => status);

Deno.test("a private channel is open to who has its address, and to nobody else", async () => {
  const edge = openEdge([keyed("cam"), keyed("other")]);
  const address = await closed(edge);
  assertEquals(await statuses(edge, address), all(200));
  assertEquals(await statuses(edge, "cam"), all(403));
  assertEquals(await statuses(edge, `cam~${"k".repeat(22)}`), all(403));
  assertEquals(await statuses(edge, "cam", { Authorization: "Bearer wrong" }), all(403));
  assertEquals(await statuses(edge, "cam", OWNER), all(200), "its owner has the other key");
  assertEquals(await statuses(edge, "other"), all(200));
});

Deno.test("who is refused is told what to do: programs by a code, people on a page", async () => {
  const edge = openEdge([keyed("cam")]);
  await closed(edge);
  for (const [cam, code] of [["cam", "private-channel"], ["cam~guess", "wrong-watch-key"]]) {
    const { error } = await (await edge.app.request(`/live/${cam}/index.m3u8`)).json();
    assertEquals(error.code, code);
    assertMatch(error.hint, /ask/i);
    const page = await edge.app.request(`/watch/${cam}`, { headers: { Accept: "text/html" } });
    assertEquals(page.status, 403);
    assertStringIncludes(await page.text(), `<p>${error.message} ${error.hint}</p>`);
  }
});

Deno.test("it is in no list, no metric and no log, and no cache on the way keeps it", async () => {
  const edge = openEdge([keyed("cam")]);
  const address = await closed(edge);
  for (
    const path of ["/", "/api/channels", "/channels.m3u", "/feed.xml", "/index.txt", "/metrics"]
  ) {
    assert(!/\bcam\b/.test(await (await edge.app.request(path)).text()), path);
  }
  for (const path of WAYS) {
    const answer = await edge.app.request(path(address));
    await answer.body?.cancel();
    assertMatch(answer.headers.get("Cache-Control") ?? "", /private|no-store/, path(address));
  }
  await (await edge.app.request(`/live/${address}/broken`)).body?.cancel();
  const [line] = edge.platform.lines;
  assertMatch(line!.message, /^GET \/live\/cam~KEY\/broken/);
  assert(!line!.message.includes(address));
});

Deno.test("the key outlasts a restart and other words, and is another one after the channel was open", async () => {
  const edge = openEdge([keyed("cam")]);
  const address = await closed(edge);
  assertEquals(await closed(edge), address);
  const restarted = openEdge([keyed("cam")], { stored: edge.platform.stored });
  assertEquals(await statuses(restarted, "cam"), all(403));
  assertEquals(await statuses(restarted, address), all(200));
  assertEquals((await say(restarted, "unlisted")).watch, "/watch/cam");
  assertEquals(await statuses(restarted, "cam"), all(200));
  assertEquals(
    await statuses(restarted, address),
    all(200),
    "what was given out still leads there",
  );
  const next = await closed(restarted);
  assertNotEquals(next, address);
  assertEquals(await statuses(restarted, address), all(403));
});

Deno.test("where the store cannot be read the channel is its owner's alone", async () => {
  const stored = new Map<string, unknown>();
  stored.get = (key) => {
    if (key.endsWith("watch-key")) throw new Error("no disk");
  };
  const edge = openEdge([keyed("cam")], { stored });
  assertEquals(await statuses(edge, "cam"), all(403));
  assertEquals(await statuses(edge, "cam", OWNER), all(200));
});
