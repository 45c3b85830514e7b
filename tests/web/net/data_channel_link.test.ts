import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { encodePeerFrame, type PeerFrame } from "../../../edge/protocol/peer_frames.ts";
import { dataChannelLink } from "../../../web/net/data_channel_link.ts";
import { entryOf } from "../ledger_entries.ts";
import { linkLog } from "./link_log.ts";

const { unit } = entryOf(1);
const piece = (length: number): PeerFrame => ({
  type: "piece",
  unit,
  index: 0,
  payload: new Uint8Array(length),
});

/** A data channel whose buffer drains when the test says. */
function fakeChannel(readyState: RTCDataChannelState = "connecting") {
  return {
    readyState,
    binaryType: "blob",
    bufferedAmount: 0,
    bufferedAmountLowThreshold: 0,
    sent: [] as Uint8Array[],
    full: false,
    onopen: () => {},
    onclose: () => {},
    onbufferedamountlow: () => {},
    onmessage: (_event: { data: unknown }) => {},
    send(bytes: Uint8Array) {
      if (this.full) throw new DOMException("full", "OperationError");
      this.sent.push(bytes);
      this.bufferedAmount += bytes.length;
    },
    drains() {
      this.bufferedAmount = 0;
      this.onbufferedamountlow();
    },
    opens() {
      this.readyState = "open";
      this.onopen();
    },
  };
}

function linked(channel = fakeChannel(), made = true) {
  const log = linkLog();
  const ends = { count: 0 };
  dataChannelLink(
    { peer: "b", made },
    channel as unknown as RTCDataChannel,
    log,
    () => ends.count++,
  );
  return { channel, log, ends, link: () => log.links.get("b")! };
}

Deno.test("a link opens with its channel, once, though the channel tells twice", () => {
  const { channel, log } = linked();
  assertEquals(log.told, []);
  channel.opens();
  channel.opens();
  assertEquals(log.told, ["open b"]);
});

Deno.test("a channel that is open already makes a link at once", () => {
  assertEquals(linked(fakeChannel("open")).log.told, ["open b"]);
});

Deno.test("bytes come as frames, and what is none is junk and never an exception", () => {
  const { channel, log } = linked(fakeChannel("open"));
  assertEquals(channel.binaryType, "arraybuffer");
  channel.onmessage({ data: encodePeerFrame({ type: "bye" }).buffer });
  assertEquals(log.told.at(-1), "bye b");
  const junk = fc.oneof(
    fc.string(),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array([0, ...bytes]).buffer),
  );
  fc.assert(fc.property(junk, (data) => {
    channel.onmessage({ data });
    assertEquals(log.told.at(-1), "junk b");
  }));
});

Deno.test("a piece is told of as sent once the channel's buffer is low, not before", () => {
  const { channel, log, link } = linked(fakeChannel("open"));
  link().send(piece(20_000));
  assertEquals(log.sentBytes.total, 20_000, "little waits: it is as good as sent");
  link().send(piece(20_000));
  link().send(piece(10_000));
  assertEquals(log.sentBytes.total, 20_000);
  channel.drains();
  assertEquals(log.sentBytes.total, 50_000);
  assertEquals(channel.bufferedAmountLowThreshold > 0, true);
});

Deno.test("frames without media are not told of as sent", () => {
  const { channel, log, link } = linked(fakeChannel("open"));
  link().send({ type: "subscribe", rendition: 0, runs: [1] });
  channel.drains();
  assertEquals(log.told, ["open b"]);
});

Deno.test("nothing is sent on a channel that is not open", () => {
  const { channel, log, link } = linked(fakeChannel("open"));
  channel.readyState = "closing";
  link().send(piece(10));
  assertEquals(channel.sent, []);
  assertEquals(log.sentBytes.total, 0);
});

Deno.test("a full channel ends the connection", () => {
  const { channel, ends, log, link } = linked(fakeChannel("open"));
  channel.full = true;
  link().send(piece(10));
  assertEquals(ends.count, 1);
  assertEquals(log.sentBytes.total, 0);
});

Deno.test("a closed channel, and a closed link, end the connection", () => {
  const { channel, ends, link } = linked(fakeChannel("open"));
  channel.onclose();
  link().close();
  assertEquals(ends.count, 2);
});

Deno.test("whose channel the other side made says nothing before it has heard something, and loses nothing", () => {
  const { channel, link } = linked(fakeChannel("open"), false);
  const frames: PeerFrame[] = [{ type: "hello", version: 1, peer: "a" }, { type: "bye" }];
  for (const frame of frames) link().send(frame);
  assertEquals(channel.sent, []);
  channel.onmessage({ data: encodePeerFrame({ type: "bye" }).buffer });
  assertEquals(channel.sent, frames.map((frame) => encodePeerFrame(frame)));
  link().send(piece(9));
  assertEquals(channel.sent.length, 3);
});
