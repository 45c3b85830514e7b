import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describeAddresses } from "../../../edge/announce.ts";
import { parseCli } from "../../../edge/cli.ts";
import { CodedError } from "../../../edge/media/coded_error.ts";

Deno.test("without options: the demo on port 8000 of this machine, with STUN if it can be had", () => {
  assertEquals(parseCli([]), {
    help: false,
    port: 8000,
    host: "127.0.0.1",
    dataDir: "./data",
    pulls: [],
    pushes: [],
    programmes: [],
    films: [],
    records: [],
    ingestPort: 8001,
    demo: true,
    publicUrl: undefined,
    stun: { port: 3478, required: false },
  });
});

Deno.test("every option is read", () => {
  const args = "--port 9000 --host 0.0.0.0 --data /var/t --no-demo --stun-port 3500 " +
    "--pull news=https://a.example/x.m3u8?a=b --pull Talk_1=http://b.example/ " +
    "--programme tv=http://c.example/tv.json --programme radio=lists/radio.xml " +
    "--ingest cam=a=long-key --vod old=https://c.example/films/ --record cam --record news " +
    "--ingest-port 9100 --public-url https://TV.example:8443/";
  assertEquals(parseCli(args.split(" ")), {
    help: false,
    port: 9000,
    host: "0.0.0.0",
    dataDir: "/var/t",
    pulls: [
      { name: "news", url: "https://a.example/x.m3u8?a=b" },
      { name: "Talk_1", url: "http://b.example/" },
    ],
    pushes: [{ name: "cam", key: "a=long-key" }],
    programmes: [
      { name: "tv", url: "http://c.example/tv.json" },
      { name: "radio", url: "data-folder:///lists/radio.xml" },
    ],
    records: ["cam", "news"],
    films: [{ name: "old", url: "https://c.example/films/" }],
    ingestPort: 9100,
    demo: false,
    publicUrl: "https://tv.example:8443",
    stun: { port: 3500, required: true },
  });
  assertEquals(parseCli(["--port", "9000"]).ingestPort, 9001);
  assertEquals(parseCli(["--no-stun"]).stun, undefined);
  assertEquals(parseCli(["--help"]).help, true);
});

Deno.test("what is not understood has a code, and says what to do", () => {
  const cases: [string, string, string][] = [
    ["--prot 80", "unknown-argument", "--help"],
    ["serve", "unknown-argument", "--help"],
    ["-x", "unknown-argument", "--help"],
    ["--port", "bad-port", "--port"],
    ["--port 65536", "bad-port", "--port"],
    ["--port 80a", "bad-port", "--port"],
    ["--port -1", "unknown-argument", "--help"],
    ["--stun-port x", "bad-port", "--stun-port"],
    ["--host --port 8000", "bad-argument", "--host"],
    ["--data", "bad-argument", "--data"],
    ["--public-url tv.example", "bad-public-url", "https://"],
    ["--public-url https://tv.example/live", "bad-public-url", "no path"],
    ["--public-url ftp://tv.example", "bad-public-url", "https://"],
    ["--pull", "bad-pull", "NAME"],
    ["--pull news", "bad-pull", "NAME"],
    ["--pull news=ftp://a.example/", "bad-pull", "http://"],
    ["--pull a/b=http://a.example/", "bad-pull", "NAME"],
    ["--pull =http://a.example/", "bad-pull", "NAME"],
    ["--pull demo=http://a.example/", "duplicate-channel", "--no-demo"],
    ["--programme tv", "bad-programme", "URL is"],
    ["--programme tv=", "bad-programme", "URL is"],
    ["--programme tv=ftp://c.example/tv.json", "bad-programme", "path in --data"],
    ["--programme tv=file:///etc/passwd", "bad-programme", "path in --data"],
    ["--programme a/b=tv.json", "bad-programme", "NAME"],
    ["--programme a=tv.json --ingest a=long-enough", "duplicate-channel", "another name"],
    ["--vod old", "bad-vod", "NAME"],
    ["--vod old=file:///etc/", "bad-vod", "http://"],
    ["--record cam", "bad-record", "demo"],
    ["--ingest cam", "bad-ingest", "KEY"],
    ["--ingest cam=short", "bad-ingest", "8 characters"],
    ["--ingest a/b=long-enough", "bad-ingest", "NAME"],
    ["--ingest demo=long-enough", "duplicate-channel", "--no-demo"],
    ["--ingest-port x", "bad-port", "--ingest-port"],
    ["--pull a=http://a.example/ --pull a=http://b.example/", "duplicate-channel", "another name"],
  ];
  for (const [line, code, hint] of cases) {
    const error = assertThrows(() => parseCli(line.split(" ")), CodedError, undefined, line);
    assertEquals([line, error.code], [line, code]);
    assertStringIncludes(error.hint, hint);
  }
});

Deno.test("a pulled channel may be called demo when there is no demo", () => {
  assertEquals(parseCli(["--no-demo", "--pull", "demo=http://a.example/"]).pulls.length, 1);
});

Deno.test("the addresses are those to open: portal, watch pages, ingests, and those of the network", () => {
  const common = { port: 8000, channels: ["demo", "news"], ingests: ["cam"], ingestPort: 8001 };
  const here = describeAddresses({ ...common, host: "127.0.0.1", stun: 3478 }, []);
  assertStringIncludes(here, "http://localhost:8000/\n");
  assertStringIncludes(here, "http://localhost:8000/watch/demo\n");
  assertStringIncludes(here, "http://localhost:8000/watch/news\n");
  assertStringIncludes(here, "http://localhost:8001/ingest/cam/KEY/index.m3u8\n");
  assertEquals(here.includes("network"), false);

  const addresses = { ...common, host: "0.0.0.0", stun: undefined };
  const everywhere = describeAddresses(addresses, ["192.0.2.7"]);
  assertStringIncludes(everywhere, "http://localhost:8000/watch/demo");
  assertStringIncludes(everywhere, "http://192.0.2.7:8000/");
  assertStringIncludes(everywhere, "HTTPS");

  const six = describeAddresses({ ...common, host: "2001:db8::1", stun: undefined }, []);
  assertStringIncludes(six, "http://[2001:db8::1]:8000/");
});
