import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { BUILT, fakeChannel, openEdge } from "./fixtures.ts";

Deno.test("media requests reach the channel's origin, with method and path", async () => {
  const demo = fakeChannel("demo");
  const { app } = openEdge([demo]);
  const response = await app.request("/live/demo/r0/882.m4s?x=1");
  assertEquals(response.status, 200);
  assertEquals(await response.text(), "abc");
  await app.request("/live/demo/index.m3u8", { method: "HEAD" });
  assertEquals(demo.asked, ["GET r0/882.m4s", "HEAD index.m3u8"]);
});

Deno.test("HEAD has the headers of GET and no body", async () => {
  const { app } = openEdge([fakeChannel("demo")]);
  for (const path of ["/live/demo/r0/1.m4s", "/tributary.js", "/watch/demo", "/api/channels"]) {
    const [get, head] = [await app.request(path), await app.request(path, { method: "HEAD" })];
    assertEquals(head.status, 200);
    assertEquals(head.headers.get("content-type"), get.headers.get("content-type"));
    assertEquals(head.headers.get("etag"), get.headers.get("etag"));
    assert((await get.text()).length > 0);
    assertEquals(await head.text(), "");
  }
});

Deno.test("pages of other sites may fetch media, scripts and the API, ranges included", async () => {
  const { app } = openEdge([fakeChannel("demo")]);
  for (const path of ["/live/demo/r0/1.m4s", "/tributary.js", "/sw.js", "/api/channels"]) {
    const { headers, body } = await app.request(path, { headers: { Origin: "https://a.example" } });
    await body?.cancel();
    assertEquals(headers.get("access-control-allow-origin"), "*");
    assertEquals(headers.get("timing-allow-origin"), "*");
    assertEquals(headers.get("cross-origin-resource-policy"), "cross-origin");
    for (const name of ["Content-Range", "ETag", "Accept-Ranges", "Content-Length"]) {
      assertStringIncludes(headers.get("access-control-expose-headers")!, name);
    }
  }
  const preflight = await app.request("/live/demo/r0/1.m4s", {
    method: "OPTIONS",
    headers: {
      Origin: "https://a.example",
      "Access-Control-Request-Method": "GET",
      "Access-Control-Request-Headers": "range",
    },
  });
  assertEquals(preflight.status, 204);
  assertEquals(preflight.headers.get("access-control-allow-origin"), "*");
  assertEquals(preflight.headers.get("access-control-allow-headers"), "range");
  assertStringIncludes(preflight.headers.get("access-control-allow-methods")!, "GET");
});

Deno.test("errors of other sites' requests are readable there too", async () => {
  const { app } = openEdge([fakeChannel("demo")]);
  const response = await app.request("/live/nope/index.m3u8");
  assertEquals(response.status, 404);
  assertEquals(response.headers.get("access-control-allow-origin"), "*");
  await response.body?.cancel();
});

Deno.test("an unknown channel is a 404 that names the nearest ones", async () => {
  const { app } = openEdge(["music", "news", "demo"].map((name) => fakeChannel(name)));
  for (
    const path of [
      "/live/musik/index.m3u8",
      "/api/channels/musik/stats",
      "/swarm/musik",
      "/watch/musik",
    ]
  ) {
    const response = await app.request(path);
    assertEquals(response.status, 404);
    const { error } = await response.json();
    assertEquals(error.code, "unknown-channel");
    assertStringIncludes(error.message, "musik");
    assertMatch(error.hint, /There is: music, .*(demo|news)/);
  }
});

Deno.test("the watch page is the template with the channel's words in it, escaped", async () => {
  const { app } = openEdge([fakeChannel("demo", `Tom & "Jerry" <live> {{state}} $& `)]);
  const response = await app.request("/watch/demo");
  assertMatch(response.headers.get("content-type")!, /^text\/html/);
  assertEquals(
    await response.text(),
    "<title>Tom &amp; &quot;Jerry&quot; &lt;live&gt; {{state}} $&amp; </title>" +
      "<b data-state=on-air>demo</b>{{other}}",
  );
});

Deno.test("people who open an unknown channel get a page, with its name escaped and the nearest linked", async () => {
  const { app } = openEdge([fakeChannel("demo"), fakeChannel("script")]);
  const headers = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
  const response = await app.request("/watch/%3Cscript%3E", { headers });
  assertEquals(response.status, 404);
  const page = await response.text();
  assertStringIncludes(page, "nothing called <strong>&lt;script&gt;</strong>");
  assertStringIncludes(
    page,
    '<p>What there is: <a href="/watch/script">script</a>, <a href="/watch/demo">demo</a>.</p>',
  );
  assertEquals((await app.request("/nowhere", { headers })).status, 404);
  const empty = await openEdge().app.request("/watch/demo", { headers });
  assertStringIncludes(await empty.text(), "What there is: no channel yet.");
});

Deno.test("what is nowhere is a coded 404 for programs", async () => {
  const { app } = openEdge();
  const response = await app.request("/nowhere", { headers: { Accept: "application/json" } });
  assertEquals(response.status, 404);
  assertEquals((await response.json()).error.code, "not-found");
});

Deno.test("a method that means nothing is a 405 that says which do", async () => {
  const { app } = openEdge([fakeChannel("demo")]);
  const response = await app.request("/live/demo/index.m3u8", { method: "PUT", body: "x" });
  assertEquals(response.status, 405);
  assertEquals(response.headers.get("allow"), "GET, HEAD");
  assertEquals((await response.json()).error.code, "method-not-allowed");
});

Deno.test("what fails inside is logged, and the client learns nothing of it", async () => {
  const { app, platform } = openEdge([fakeChannel("demo")]);
  const response = await app.request("/live/demo/broken");
  assertEquals(response.status, 500);
  const body = await response.text();
  assertEquals(JSON.parse(body).error.code, "internal");
  assert(!body.includes("secret") && !body.includes(".ts"));
  assertEquals(platform.lines.map(({ level, code }) => [level, code]), [["error", "internal"]]);
  assertStringIncludes(platform.lines[0]!.message, "secret detail");
});

Deno.test("the worker's script may control the whole site, and is asked for anew each time", async () => {
  const { app } = openEdge();
  const { headers, body } = await app.request("/sw.js");
  await body?.cancel();
  assertEquals(headers.get("service-worker-allowed"), "/");
  assertEquals(headers.get("cache-control"), "no-cache");
  assertMatch(headers.get("content-type")!, /^text\/javascript/);
});

Deno.test("scripts and pages have an ETag, and are not sent twice", async () => {
  const { app } = openEdge();
  for (const path of ["/", "/tributary.js", "/site/site.css"]) {
    const first = await app.request(path);
    await first.body?.cancel();
    const headers = { "If-None-Match": first.headers.get("etag")! };
    assertEquals((await app.request(path, { headers })).status, 304);
  }
});

Deno.test("a script named after its hash is kept for good, the one that names it is asked for anew", async () => {
  const { app } = openEdge();
  const cacheControl = async (path: string) => {
    const { status, headers, body } = await app.request(path);
    await body?.cancel();
    return [status, headers.get("access-control-allow-origin"), headers.get("cache-control")];
  };
  assertEquals(await cacheControl("/share/sharing.js"), [200, "*", "no-cache"]);
  const forGood = "public, max-age=31536000, immutable";
  assertEquals(await cacheControl("/share/later-0A1B2C3D.js"), [200, "*", forGood]);
});

Deno.test("text is compressed, media is not", async () => {
  const { app } = openEdge([fakeChannel("demo")]);
  const headers = { "Accept-Encoding": "gzip" };
  const script = await app.request("/tributary.js", { headers });
  assertEquals(script.headers.get("content-encoding"), "gzip");
  const unpacked = script.body!.pipeThrough(new DecompressionStream("gzip"));
  assertEquals(new Uint8Array(await new Response(unpacked).arrayBuffer()), BUILT["tributary.js"]);
  const media = await app.request("/live/demo/r0/1.m4s", { headers });
  assertEquals(media.headers.get("content-encoding"), null);
  await media.body?.cancel();
});

Deno.test("a clone that was never built says how to build", async () => {
  const { app } = openEdge([fakeChannel("demo")], { assets: {} });
  for (const path of ["/", "/tributary.js", "/sw.js", "/watch/demo", "/studio", "/site/site.css"]) {
    const response = await app.request(path);
    assertEquals(response.status, 503);
    const { error } = await response.json();
    assertEquals(error.code, "not-built");
    assertStringIncludes(error.hint, "deno task build");
  }
  assertEquals((await app.request("/live/demo/index.m3u8")).status, 200);
});

Deno.test("a file that the site does not have is a 404, not a missing build", async () => {
  const { app } = openEdge();
  assertEquals((await app.request("/site/nope.js")).status, 404);
  assertEquals((await app.request("/share/later-99999999.js")).status, 404);
  assertEquals((await app.request("/site/..%2Ftributary.js")).status, 404);
});

Deno.test("a channel's poster is its picture, or drawn with its title, escaped", async () => {
  const demo = fakeChannel("demo", "Demo", "demo/poster.jpg");
  const { app } = openEdge([demo, fakeChannel("rock", `R&B <live>`)]);
  const picture = await app.request("/live/demo/poster");
  assertEquals(picture.headers.get("content-type"), "image/jpeg");
  assertEquals(await picture.text(), "JPEG");
  const drawn = await app.request("/live/rock/poster");
  assertEquals(drawn.headers.get("content-type"), "image/svg+xml");
  const svg = await drawn.text();
  assertStringIncludes(svg, "R&amp;B &lt;live&gt;");
  assert(!svg.includes("<live>"));
});

Deno.test("the health check and the icon answer", async () => {
  const { app } = openEdge();
  assertEquals(await (await app.request("/healthz")).text(), "ok\n");
  assertEquals(await (await app.request("/favicon.ico")).text(), "<svg/>");
});
