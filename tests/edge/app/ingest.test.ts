import { assertEquals, assertMatch } from "@std/assert";
import { createEdge } from "../../../edge/app.ts";
import { pushSource } from "../../../edge/channels/sources.ts";
import { createFakePlatform, type FakePlatform } from "../fake_platform.ts";
import { tsSegment } from "../origin/scripted_upstream.ts";
import { fakeChannel } from "./fixtures.ts";

const KEY = "a-long-secret";

async function withEdge(
  use: (
    put: (path: string, headers?: Record<string, string>) => Promise<Response>,
    platform: FakePlatform,
  ) => Promise<void>,
): Promise<void> {
  const platform = createFakePlatform();
  const channels = [pushSource({ name: "cam", key: KEY }), fakeChannel("news")];
  const edge = createEdge(platform, {
    channels,
    clientAddress: (env) => (env as { address?: string })?.address,
  });
  await use(
    async (path, headers = {}) =>
      await edge.app.request(path, { method: "PUT", headers, body: tsSegment("a") }),
    platform,
  );
  await edge.stop();
}

const basic = (user: string, key: string) => ({ Authorization: `Basic ${btoa(`${user}:${key}`)}` });

Deno.test("the key is shown as a password, as a bearer token, or in the path", () =>
  withEdge(async (put) => {
    assertEquals((await put("/ingest/cam/1.ts", basic("source", KEY))).status, 201);
    const takeover = { "Tributary-Takeover": "1" };
    const bearer = { Authorization: `Bearer ${KEY}`, ...takeover };
    assertEquals((await put("/ingest/cam/1.ts", bearer)).status, 204);
    assertEquals((await put(`/ingest/cam/${KEY}/1.ts`)).status, 204);
    assertEquals((await put(`/ingest/cam/${KEY}/2.ts`)).status, 201);
  }));

Deno.test("without the key, or with another, nothing is put, and the answer says how to show it", () =>
  withEdge(async (put) => {
    const cases: [string, Record<string, string>, string][] = [
      ["/ingest/cam/1.ts", {}, "key-required"],
      ["/ingest/cam/other/1.ts", {}, "key-required"],
      ["/ingest/cam/1.ts", basic("source", "wrong"), "wrong-key"],
      ["/ingest/cam/1.ts", { Authorization: "Bearer wrong" }, "wrong-key"],
      ["/ingest/cam/1.ts", { Authorization: "Basic !" }, "key-required"],
    ];
    for (const [path, headers, code] of cases) {
      const response = await put(path, headers);
      assertEquals(response.status, 401);
      assertMatch(response.headers.get("WWW-Authenticate")!, /^Basic realm="ingest of cam"/);
      assertEquals((await response.json()).error.code, code);
    }
    assertEquals((await put("/ingest/cam/1.ts", basic("source", KEY))).status, 201, "not 204");
  }));

Deno.test("a source that never shows the key is told of once a minute, one that shows it when asked never", () =>
  withEdge(async (put, platform) => {
    const told = () => platform.lines.filter(({ code }) => code === "source-refused").length;
    for (let second = 0; second <= 60; second += 2) {
      await put("/ingest/cam/1.ts");
      await put("/ingest/cam/1.ts", basic("source", KEY));
      platform.sleep(2_000);
    }
    assertEquals(told(), 0);
    for (let second = 0; second <= 70; second += 2) {
      await put("/ingest/cam/wrong/1.ts");
      platform.sleep(2_000);
    }
    assertEquals(told(), 2);
  }));

Deno.test("only a channel that waits for a source takes one", () =>
  withEdge(async (put) => {
    const pulled = await put("/ingest/news/1.ts", basic("source", KEY));
    assertEquals([pulled.status, (await pulled.json()).error.code], [409, "not-an-ingest"]);
    const unknown = await put("/ingest/nobody/1.ts", basic("source", KEY));
    assertEquals([unknown.status, (await unknown.json()).error.code], [404, "unknown-channel"]);
  }));

Deno.test("another source is told from the first by its name and its address", () =>
  withEdge(async (put) => {
    assertEquals((await put("/ingest/cam/1.ts", basic("first", KEY))).status, 201);
    assertEquals((await put("/ingest/cam/1.ts", basic("second", KEY))).status, 409);
    const takeover = { ...basic("second", KEY), "Tributary-Takeover": "1" };
    assertEquals((await put("/ingest/cam/1.ts", takeover)).status, 204);
    assertEquals((await put("/ingest/cam/1.ts", basic("first", KEY))).status, 409);
  }));
