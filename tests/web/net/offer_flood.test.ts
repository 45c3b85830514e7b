import { assert } from "@std/assert";
import { createPeerConnections } from "../../../web/net/peer_connections.ts";
import { linkLog } from "./link_log.ts";

Deno.test("offers from any number of strangers open two dozen connections at most", () => {
  let open = 0;
  class Fake {
    constructor() {
      open++;
    }
    setRemoteDescription(): Promise<void> {
      return new Promise(() => {});
    }
    close(): void {
      open--;
    }
  }
  const connections = createPeerConnections({
    self: "a",
    events: linkLog(),
    signal() {},
    mayJoin: () => true,
    failed() {},
  }, Fake as unknown as typeof RTCPeerConnection);
  for (let at = 0; at < 500; at++) {
    connections.receive(`stranger ${at}`, { kind: "offer", sdp: "x" });
  }
  assert(open <= 24, `${open} connections`);
  connections.closeAll();
});
