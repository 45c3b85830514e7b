import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseAddress } from "../../../edge/platform/ip_address.ts";
import { answerStun } from "../../../edge/platform/stun.ts";
import { startStun } from "../../../edge/platform/stun_udp.ts";

const V4 = { address: "192.0.2.1", port: 32853 };

function hex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.replaceAll(/\s/g, "").match(/../g)!, (byte) => parseInt(byte, 16));
}

const TRANSACTION = "b7e7a701 bc34d686 fa87dfae";
const BARE = hex(`0001 0000 2112a442 ${TRANSACTION}`);

Deno.test("an IPv4 sender learns its address, masked as in RFC 5769 §2.2", () => {
  // The attribute and its address are those of the RFC's test vector.
  const expected = `0101 000c 2112a442 ${TRANSACTION} 0020 0008 0001 a147 e112a643`;
  assertEquals(answerStun(BARE, V4), hex(expected));
});

Deno.test("an IPv6 sender learns its address, masked as in RFC 5769 §2.3", () => {
  const sender = { address: "2001:db8:1234:5678:11:2233:4455:6677", port: 32853 };
  const expected = `0101 0018 2112a442 ${TRANSACTION}
    0020 0014 0002 a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9`;
  assertEquals(answerStun(BARE, sender), hex(expected));
});

Deno.test("an IPv4 sender on an IPv6 socket learns its IPv4 address", () => {
  assertEquals(answerStun(BARE, { ...V4, address: "::ffff:192.0.2.1" }), answerStun(BARE, V4));
});

Deno.test("a request with a fingerprint is answered with one that its reader accepts", () => {
  // SOFTWARE is optional to understand; both fingerprints were computed with zlib.
  const request = hex(`0001 0010 2112a442 ${TRANSACTION} 8022 0004 74657374 8028 0004 c640bcd2`);
  const answer = answerStun(request, V4)!;
  assertEquals(answer.length, 20 + 12 + 8);
  assertEquals([...answer.subarray(32, 36)], [0x80, 0x28, 0, 4]);
  assertEquals(answer.subarray(36), hex("7d281f59"));
});

Deno.test("a wrong fingerprint gets no answer, nor one that is not last", () => {
  const wrong = hex(`0001 0008 2112a442 ${TRANSACTION} 8028 0004 00000000`);
  assertEquals(answerStun(wrong, V4), undefined);
  const early = hex(`0001 0010 2112a442 ${TRANSACTION} 8028 0004 00000000 8022 0004 74657374`);
  assertEquals(answerStun(early, V4), undefined);
});

Deno.test("an attribute that must be understood and is not gets error 420 with its name", () => {
  // CHANGE-REQUEST of RFC 3489.
  const request = hex(`0001 0008 2112a442 ${TRANSACTION} 0003 0004 00000006`);
  const expected = `0111 0010 2112a442 ${TRANSACTION} 0009 0004 00000414 000a 0002 0003 0000`;
  assertEquals(answerStun(request, V4), hex(expected));
});

Deno.test("what is no binding request gets no answer", () => {
  const others = [
    `0101 0000 2112a442 ${TRANSACTION}`,
    `0011 0000 2112a442 ${TRANSACTION}`,
    `0001 0000 2112a443 ${TRANSACTION}`,
    `0001 0004 2112a442 ${TRANSACTION}`,
    `0001 0004 2112a442 ${TRANSACTION} 8022 0008`,
    `0001 0000 2112a442 ${TRANSACTION} 00`,
  ];
  for (const other of others) {
    assertEquals(answerStun(hex(other), V4), undefined, other);
  }
  assertEquals(answerStun(new Uint8Array(), V4), undefined);
  assertEquals(answerStun(BARE, { address: "unix", port: 0 }), undefined);
});

Deno.test("arbitrary bytes never throw, and an answer is never much longer than what it answers", () => {
  const anything = fc.uint8Array({ maxLength: 600 });
  const almost = fc.uint8Array({ maxLength: 300 }).map((body) =>
    Uint8Array.from([0, 1, body.length >> 8, body.length & 0xff, ...BARE.subarray(4), ...body])
  );
  fc.assert(
    fc.property(fc.oneof(anything, almost), fc.ipV6(), (packet, address) => {
      const answer = answerStun(packet, { address, port: 1 });
      if (!answer) return;
      assertEquals(answer.length % 4, 0);
      assertEquals(answer.subarray(4, 20), packet.subarray(4, 20));
      assert(answer.length <= packet.length + 24);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("addresses are read in every way they are written, and nothing else is", () => {
  assertEquals(parseAddress("::"), new Uint8Array(16));
  assertEquals(parseAddress("::1")?.at(-1), 1);
  assertEquals(parseAddress("fe80::1%eth0")?.[0], 0xfe);
  assertEquals(parseAddress("64:ff9b::192.0.2.33")?.subarray(12), Uint8Array.of(192, 0, 2, 33));
  for (
    const text of ["", "1.2.3", "256.1.1.1", "1::2::3", "1:2:3:4:5:6:7", "::g", "1:2:3:4:5:6:7:8:9"]
  ) {
    assertEquals(parseAddress(text), undefined, text);
  }
  fc.assert(fc.property(fc.ipV6(), (text) => {
    assert([4, 16].includes(parseAddress(text)?.length ?? 0), text);
  }));
  fc.assert(fc.property(fc.ipV4(), (text) => {
    assertEquals([...parseAddress(text)!].join("."), text);
  }));
  fc.assert(fc.property(fc.string(), (text) => void parseAddress(text)));
});

Deno.test("over UDP: a request is answered with the sender's port, junk is not", async () => {
  const stun = startStun({ host: "127.0.0.1", port: 0 });
  const client = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const to = { transport: "udp", hostname: "127.0.0.1", port: stun.port } as const;
  await client.send(Uint8Array.of(1, 2, 3), to);
  await client.send(BARE, to);
  const [answer] = await client.receive();
  const mine = client.addr as Deno.NetAddr;
  assertEquals(answer, answerStun(BARE, { address: "127.0.0.1", port: mine.port }));
  client.close();
  await stun.stop();
});
