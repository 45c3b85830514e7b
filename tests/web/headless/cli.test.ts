import { assertEquals, assertThrows } from "@std/assert";
import { CodedError } from "../../../edge/media/coded_error.ts";
import { parseRelayCli } from "../../../web/headless/cli.ts";

const URL = "http://host:8000/watch/demo";

Deno.test("a channel is enough; the rest has defaults", () => {
  const { address, ...options } = parseRelayCli([URL])!;
  assertEquals(address.name, "demo");
  assertEquals(options, {
    uploadCap: 2_500_000,
    partners: undefined,
    count: 1,
    json: false,
    listen: undefined,
    open: false,
  });
});

Deno.test("the upload is given in bits and kept in bytes per second", () => {
  assertEquals(parseRelayCli([URL, "--upload", "500k"])?.uploadCap, 62_500);
  assertEquals(parseRelayCli(["--upload=1.5M", URL])?.uploadCap, 187_500);
});

Deno.test("partners, count and json are read", () => {
  const { partners, count, json } = parseRelayCli([
    URL,
    ..."--peers 12 --count 3 --json".split(" "),
  ])!;
  assertEquals({ partners, count, json }, { partners: 12, count: 3, json: true });
});

Deno.test("players are served on this machine only, unless an address is given", () => {
  const listen = (...args: string[]) => parseRelayCli([URL, ...args])?.listen;
  assertEquals(listen("--listen", "8000"), { host: "127.0.0.1", port: 8000 });
  assertEquals(listen("--listen", "0.0.0.0:80"), { host: "0.0.0.0", port: 80 });
  assertEquals(listen("--listen", "[::1]:80"), { host: "::1", port: 80 });
  assertEquals(listen("--open"), { host: "127.0.0.1", port: 7144 });
});

Deno.test("help comes before everything else", () => {
  assertEquals(parseRelayCli(["--help"]), undefined);
});

Deno.test("what is not understood is refused by name", () => {
  const codes: [string[], string][] = [
    [[], "no-channel"],
    [["nonsense"], "bad-channel-url"],
    [[URL, URL], "unknown-argument"],
    [[URL, "--uplaod", "2M"], "unknown-argument"],
    [[URL, "--upload", "fast"], "bad-rate"],
    [[URL, "--upload", "0"], "bad-rate"],
    [[URL, "--upload"], "bad-rate"],
    [[URL, "--peers", "0"], "bad-count"],
    [[URL, "--peers", "1.5"], "bad-count"],
    [[URL, "--count", "1000"], "bad-count"],
    [[URL, "--listen"], "bad-listen"],
    [[URL, "--listen", "65536"], "bad-listen"],
    [[URL, "--listen", "http://localhost:80"], "bad-listen"],
  ];
  for (const [args, code] of codes) {
    assertEquals(assertThrows(() => parseRelayCli(args), CodedError).code, code, args.join(" "));
  }
});
