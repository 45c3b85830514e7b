import { assertEquals, assertStringIncludes } from "@std/assert";
import { freePort } from "../../support/free_port.ts";
import { relayProgram } from "../../../web/headless/relay_program.ts";

/** Never used: nobody is introduced. */
const Connection = class {} as unknown as typeof RTCPeerConnection;

/** An edge that knows `demo`, and lets nobody in. */
function startRefusingEdge(message: string) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    if (request.headers.get("upgrade") !== "websocket") return Response.json({ name: "demo" });
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = () => {
      socket.send(
        JSON.stringify({ type: "error", code: "protocol-version", message, fatal: true }),
      );
      socket.close(1002);
    };
    return response;
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/watch/demo`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** What a run prints on standard error, and its exit code. */
async function run(args: readonly string[]): Promise<{ code: number; said: string }> {
  const { error } = console;
  const said: string[] = [];
  console.error = (line: string) => void said.push(line);
  try {
    return { code: await relayProgram(args, Connection), said: said.join("\n") };
  } finally {
    console.error = error;
  }
}

Deno.test("an edge that takes no relay ends it, and its reason is told", async () => {
  await using edge = startRefusingEdge("It speaks another version.");
  const { code, said } = await run([edge.url, "--json", "--count", "2"]);
  assertEquals(code, 1);
  assertStringIncludes(said, "refused: ");
  assertStringIncludes(said, "It speaks another version.");
});

Deno.test("what is not understood ends with code 2, what is not there with code 1", async () => {
  const badly = await run(["nonsense"]);
  assertEquals(badly.code, 2);
  assertStringIncludes(badly.said, "bad-channel-url: ");
  const nowhere = await run([`http://127.0.0.1:${freePort()}/watch/demo`]);
  assertEquals(nowhere.code, 1);
  assertStringIncludes(nowhere.said, "edge-away: ");
});
