/** The shell around it all, in a scope that stands in for the browser's. */
import { assertEquals } from "@std/assert";
import { BRIDGE_VERSION } from "../../sw/bridge.ts";

const base = "https://edge.example/live/demo/";

/** Loads `sw/worker.ts` where `clients.get` answers by `find`; the client `page` has said hello. */
async function loadWorker(find: () => Promise<unknown>, network: typeof fetch) {
  const scope = new EventTarget();
  const own = {
    addEventListener: scope.addEventListener.bind(scope),
    location: new URL("https://edge.example/sw.js"),
    clients: { get: find, claim: () => Promise.resolve() },
    skipWaiting: () => Promise.resolve(),
    fetch: network,
    caches: { open: () => Promise.reject(new DOMException("no storage", "SecurityError")) },
  };
  const before = new Map<string, PropertyDescriptor | undefined>();
  for (const [name, value] of Object.entries(own)) {
    before.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  await import(`../../sw/worker.ts#${crypto.randomUUID()}`);
  const hello = { type: "tributary:hello", version: BRIDGE_VERSION, base, cacheBytes: 1 };
  scope.dispatchEvent(
    Object.assign(new Event("message"), { data: hello, source: { id: "page" } }),
  );
  return {
    /** The answer to a request; `undefined` where it is left to the browser. */
    ask(request: { url: string; destination: string }): Promise<Response> | undefined {
      let answer: Promise<Response> | undefined;
      const event = Object.assign(new Event("fetch"), {
        request: Object.defineProperty(new Request(request.url), "destination", {
          value: request.destination,
        }),
        clientId: "page",
        resultingClientId: "",
        waitUntil: () => {},
        respondWith: (response: Promise<Response>) => answer = response,
      });
      scope.dispatchEvent(event);
      return answer;
    },
    [Symbol.dispose]() {
      for (const [name, descriptor] of before) {
        if (descriptor) Object.defineProperty(globalThis, name, descriptor);
        else Reflect.deleteProperty(globalThis, name);
      }
    },
  };
}

Deno.test("whatever fails in the worker, the request goes to the network as it is", async () => {
  const fetched: string[] = [];
  const network: typeof fetch = (input) => {
    fetched.push(input instanceof Request ? `${input.url} as it is` : String(input));
    return Promise.resolve(new Response("media"));
  };
  for (
    const find of [
      () => Promise.reject(new Error("the browser has no answer")),
      () => {
        throw new Error("not even a promise");
      },
    ]
  ) {
    using worker = await loadWorker(find, network);
    const response = await worker.ask({ url: `${base}r0/1.m4s`, destination: "video" });
    assertEquals(await response?.text(), "media");
  }
  assertEquals(fetched.length, 2);
});

Deno.test("what is no media is not answered at all", async () => {
  using worker = await loadWorker(
    () => Promise.resolve(undefined),
    () => Promise.reject(new Error("nothing is to be fetched")),
  );
  assertEquals(
    worker.ask({ url: "https://edge.example/watch/demo", destination: "document" }),
    undefined,
  );
  assertEquals(worker.ask({ url: `${base}poster`, destination: "image" }), undefined);
});
