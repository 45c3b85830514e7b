import { assert, assertEquals, assertRejects } from "@std/assert";
import { createNetwork } from "../../sw/network.ts";
import type { Route } from "../../sw/route.ts";

const base = "https://edge.example/live/demo/";
const url = `${base}r0/1.m4s`;
const route: Route = { kind: "segment", url, base, wants: "blob" };

interface Seen {
  readonly url: string;
  readonly mode: string;
  readonly credentials: string;
  readonly range: string | null;
}

/** A network that answers in turn; `undefined` is a failure. */
function network(origin: string, answers: (Response | undefined)[]) {
  const seen: Seen[] = [];
  const fetcher: typeof fetch = (input, init) => {
    const { url, mode, credentials, headers } = new Request(input, init);
    seen.push({ url, mode, credentials, range: headers.get("range") });
    const answer = answers.shift();
    return answer ? Promise.resolve(answer) : Promise.reject(new TypeError("Failed to fetch"));
  };
  return { seen, ...createNetwork(origin, fetcher) };
}
const opaque = () => Object.defineProperty(new Response(), "type", { value: "opaque" });

Deno.test("foreign media of an element is fetched with CORS and without cookies", async () => {
  const { fetch, seen } = network("https://site.example", [new Response()]);
  await fetch(new Request(url, { headers: { range: "bytes=0-" } }), route);
  assertEquals(seen, [{ url, mode: "cors", credentials: "omit", range: null }]);
});

Deno.test("media of the site itself is fetched with its cookies", async () => {
  const { fetch, seen } = network("https://edge.example", [new Response()]);
  await fetch(new Request(url), route);
  assertEquals(seen[0]?.credentials, "same-origin");
});

Deno.test("a range that is not the whole is asked for", async () => {
  const { fetch, seen } = network("https://site.example", [new Response()]);
  await fetch(new Request(url, { headers: { range: "bytes=0-1" } }), route);
  assertEquals(seen[0]?.range, "bytes=0-1");
});

Deno.test("what a player asks is fetched as it stands", async () => {
  const { fetch, seen } = network("https://site.example", [new Response()]);
  const request = new Request(url, { credentials: "include", headers: { range: "bytes=0-" } });
  await fetch(request, { ...route, wants: "stream" });
  assertEquals(seen[0]?.credentials, "include");
  assertEquals(seen[0]?.range, "bytes=0-");
});

Deno.test("media that comes only without CORS is left alone from then on", async () => {
  const { fetch, fetchUntouched, leaves } = network("https://site.example", [undefined, opaque()]);
  const request = new Request(url);
  await assertRejects(() => fetch(request, route), TypeError);
  assert(!leaves(base));
  await fetchUntouched(request, route);
  assert(leaves(base));
  assert(!leaves("https://edge.example/live/other/"));
});

Deno.test("an element that had readable answers is never given an opaque one", async () => {
  const answers = [new Response(), undefined, new Response()];
  const { fetch, fetchUntouched, seen } = network("https://site.example", answers);
  const request = new Request(url, { headers: { range: "bytes=0-" } });
  await fetch(request, route);
  await assertRejects(() => fetch(request, route), TypeError);
  await fetchUntouched(request, route);
  assertEquals(seen[2], { url, mode: "cors", credentials: "omit", range: null });
});

Deno.test("the rest of a body is one range, with the request's own headers", async () => {
  const sent: Request[] = [];
  const { fetchRange } = createNetwork("https://site.example", (request) => {
    sent.push(request as Request);
    return Promise.resolve(new Response());
  });
  await fetchRange(new Request(url, { headers: { authorization: "x" } }), 10, 20);
  assertEquals(sent[0]?.headers.get("range"), "bytes=10-19");
  assertEquals(sent[0]?.headers.get("authorization"), "x");
});
