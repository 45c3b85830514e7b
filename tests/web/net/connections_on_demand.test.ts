import { assert, assertEquals } from "@std/assert";
import { connectionsOnDemand } from "../../../web/net/connections_on_demand.ts";
import type { PeerConnections } from "../../../web/net/peer_connections.ts";

/** The code of the connections, which comes when the test says so, and notes what it is told. */
function scene() {
  const told: string[] = [];
  const failed: string[] = [];
  const loads: PromiseWithResolvers<typeof import("../../../web/net/peer_connections.ts")>[] = [];
  const connections: PeerConnections = {
    setIceServers: (urls) => told.push(`servers ${urls}`),
    connect: (peer) => told.push(`connect ${peer}`),
    receive: (from, { kind }) => told.push(`${kind} of ${from}`),
    closeAll: () => told.push("close"),
  };
  const options = {
    self: "self",
    events: { open() {}, frame() {}, junk() {}, sent() {}, close() {} },
    signal() {},
    mayJoin: () => true,
    failed: (peer: string) => void failed.push(peer),
  };
  const meeting = connectionsOnDemand(options, class {} as typeof RTCPeerConnection, () => {
    const load = Promise.withResolvers<typeof import("../../../web/net/peer_connections.ts")>();
    loads.push(load);
    return load.promise;
  });
  return {
    meeting,
    told,
    failed,
    loads,
    async come() {
      loads.at(-1)!.resolve({ createPeerConnections: () => connections });
      await new Promise((resolve) => setTimeout(resolve));
    },
    async fail() {
      loads.at(-1)!.reject(new TypeError("no network"));
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
}
const candidate = { kind: "candidate", candidate: "a", mid: "0" } as const;

Deno.test("a viewer who meets nobody loads no code for it", () => {
  const { meeting, loads } = scene();
  meeting.setIceServers(["stun:edge"]);
  meeting.closeAll();
  assertEquals(loads.length, 0);
});

Deno.test("what is said before the code is there is told in its order, once", async () => {
  const { meeting, told, loads, come } = scene();
  meeting.setIceServers(["stun:edge"]);
  meeting.receive("a", { kind: "offer", sdp: "" });
  meeting.receive("a", candidate);
  meeting.connect("b");
  assertEquals(told, []);
  await come();
  assertEquals(told, ["servers stun:edge", "offer of a", "candidate of a", "connect b"]);
  meeting.setIceServers(["stun:other"]);
  meeting.connect("c");
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(told.slice(4).sort(), ["connect c", "servers stun:other"]);
  assertEquals(loads.length, 1);
});

Deno.test("code that does not come counts as failed connections, and is asked for with the next peer", async () => {
  const { meeting, told, failed, loads, come, fail } = scene();
  meeting.connect("a");
  await fail();
  assertEquals(failed, ["a"]);
  meeting.connect("b");
  assertEquals(loads.length, 2);
  await come();
  assert(told.includes("connect b"));
});

Deno.test("code that comes after the end meets nobody", async () => {
  const { meeting, told, come } = scene();
  meeting.connect("a");
  meeting.closeAll();
  await come();
  assert(!told.includes("connect a"));
});
