import { assert, assertEquals, assertThrows } from "@std/assert";
import { createLoopOrigin } from "../../../edge/origin/loop_origin.ts";
import { isDigestListOf, isPieceOf } from "../../../edge/protocol/digest_list.ts";
import { pieceCount, pieceSpan } from "../../../edge/protocol/pieces.ts";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { CodedError } from "../../../edge/media/coded_error.ts";
import { createFakePlatform } from "../fake_platform.ts";
import { readMedia } from "../media/reading.ts";
import { createEventLog } from "./event_log.ts";
import { decodeErrors, ffprobe } from "./ffmpeg.ts";

const clip = await Deno.readFile(new URL("../../../edge/origin/demo/clip.mp4", import.meta.url));
/** 2 s segments, 12 to the loop. */
const SEGMENT_MS = 2000;
const LOOP_MS = 24_000;
/** 700 ms after the middle of a loop. */
const NOW = Math.floor(Date.UTC(2026, 5, 1, 12) / LOOP_MS) * LOOP_MS + 12_700;

function onAir(now = NOW) {
  const log = createEventLog();
  const platform = createFakePlatform({ now });
  const origin = createLoopOrigin({ name: "demo", title: "Demo", clip, platform, emit: log.emit });
  const get = (path: string, init?: RequestInit) =>
    origin.respond(path, new Request(`http://edge.test/live/demo/${path}`, init));
  return { log, platform, origin, get };
}

async function bytesOf(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  assertEquals(response.status, 200);
  return new Uint8Array(await response.arrayBuffer());
}

Deno.test("a demo channel fills the last 30 s at its start and is on air", async () => {
  const { log, origin } = onAir();
  await log.until(() => log.states().includes("on-air"));
  const current = Math.floor(NOW / SEGMENT_MS);
  assertEquals(
    log.entries().map(({ unit }) => unit.sequence),
    Array.from({ length: 15 }, (_, at) => current - 15 + at),
  );
  assertEquals(log.events[0]?.type, "described");
  assertEquals(origin.stats().window.newest, current - 1);
  assertEquals(origin.stats().state, "on-air");
  await origin.stop();
});

Deno.test("a segment is published when its last frame is over, not before", async () => {
  const { log, platform, origin } = onAir();
  await log.until(() => log.states().includes("on-air"));
  await platform.advance(1299);
  assertEquals(log.entries().length, 15);
  await platform.advance(1);
  await log.published(16);
  const entry = log.entries().at(-1)!;
  assertEquals(entry.startMs + entry.durationMs, platform.now());
  await platform.advance(0);
  await platform.advance(2000);
  await log.published(17);
  await origin.stop();
});

Deno.test("after a long sleep of the machine the newest segments come, and only those", async () => {
  const { log, platform, origin } = onAir();
  await log.until(() => log.states().includes("on-air"));
  platform.sleep(3_600_000);
  await platform.advance(0);
  await log.published(30);
  assertEquals(
    log.entries().at(-1)!.unit.sequence,
    Math.floor(platform.now() / SEGMENT_MS) - 1,
  );
  const playlist = readMedia(
    await (await origin.respond(
      "index.m3u8",
      new Request("http://edge.test/live/demo/index.m3u8"),
    )).text(),
  );
  assertEquals(playlist.segments.at(-1)!.sequence, log.entries().at(-1)!.unit.sequence);
  await origin.stop();
});

Deno.test("a stopped demo channel leaves no timer behind", async () => {
  const { log, platform, origin } = onAir();
  await log.until(() => log.states().includes("on-air"));
  assertEquals(platform.timers(), 1);
  await origin.stop();
  assertEquals(platform.timers(), 0);
});

Deno.test("two runs give the same bytes for the same segment", async () => {
  const first = onAir();
  const second = onAir(NOW + 9_000);
  const uri = `r0/${Math.floor(NOW / SEGMENT_MS) - 3}.m4s`;
  assertEquals(await bytesOf(await first.get(uri)), await bytesOf(await second.get(uri)));
  await first.origin.stop();
  await second.origin.stop();
});

Deno.test("the ledger entry's root stands for the digest list, and the list for the bytes", async () => {
  const { log, origin, get } = onAir();
  await log.until(() => log.states().includes("on-air"));
  const entry = log.entries()[4]!;
  const bytes = await bytesOf(await get(entry.uri));
  const list = await bytesOf(await get(`digests/${unitKey(entry.unit)}`));
  assertEquals(bytes.length, entry.length);
  assert(await isDigestListOf(list, entry.root));
  for (let index = 0; index < pieceCount(entry); index++) {
    const { from, to } = pieceSpan(entry, index);
    assert(await isPieceOf(bytes.subarray(from, to), list, index));
  }
  await origin.stop();
});

Deno.test("the description says what the clip is", async () => {
  const { log, origin } = onAir();
  // Not only until it is described: the hashing of the backfill would end in the next test.
  await log.until(() => log.states().includes("on-air"));
  const [description] = log.descriptions();
  assertEquals(description!.targetDurationMs, SEGMENT_MS);
  const attributes = description!.renditions[0]!.attributes;
  assert(
    /^BANDWIDTH=\d{6},AVERAGE-BANDWIDTH=\d{6},CODECS="avc1\.[0-9A-F]{6},mp4a\.40\.2"/.test(
      attributes,
    ),
  );
  assert(attributes.endsWith("RESOLUTION=640x360,FRAME-RATE=25.000"), attributes);
  await origin.stop();
});

Deno.test("once a stop has resolved nothing is published, however far it had come", async () => {
  const { log, platform, origin } = onAir();
  await log.published(3);
  await origin.stop();
  const { length } = log.events;
  assert(!log.states().includes("on-air"));
  assertEquals(platform.timers(), 0);
  await platform.advance(10_000);
  assertEquals(log.events.length, length);
});

interface Packets {
  packets: { stream_index: number; dts: string; pts: string }[];
  streams: { index: number; time_base: string }[];
}

Deno.test("over the seam of the loop both tracks run on without a jump, from Unix time, and decode", async () => {
  const { log, platform, origin, get } = onAir();
  await log.until(() => log.states().includes("on-air"));
  const playlist = readMedia(await (await get("index.m3u8")).text());
  const init = await bytesOf(await get(playlist.segments[0]!.init!.uri));
  const entries = log.entries();
  const crosses = entries.some(({ startMs }) =>
    startMs % LOOP_MS === 0 && startMs > entries[0]!.startMs
  );
  assert(crosses, "the backfill goes over the seam");
  const parts = [init];
  for (const { uri } of entries) parts.push(await bytesOf(await get(uri)));
  await origin.stop();

  const file = await Deno.makeTempFile({ suffix: ".mp4" });
  try {
    await Deno.writeFile(file, new Blob(parts).stream());
    const { found, errors } = await ffprobe<Packets>(["-show_packets", "-show_streams", file]);
    assertEquals(errors, "");
    for (const { index, time_base } of found.streams) {
      const timescale = Number(time_base.split("/")[1]);
      const packets = found.packets.filter((packet) => packet.stream_index === index);
      const frameTicks = Number(packets[1]!.dts) - Number(packets[0]!.dts);
      packets.slice(1).forEach((packet, at) => {
        assertEquals(Number(packet.dts) - Number(packets[at]!.dts), frameTicks);
        assertEquals(packet.pts, packet.dts);
      });
      // Audio frames do not end with the segment; the next one starts with the frame that is due.
      const startMs = Number(packets[0]!.dts) * 1000 / timescale;
      assert(Math.abs(startMs - entries[0]!.startMs) < 1024 / 48, `${startMs}`);
    }
    assertEquals(await decodeErrors(file), "");
  } finally {
    await Deno.remove(file);
  }
  assertEquals(platform.timers(), 0);
});

Deno.test("a clip whose tracks are not equally long is refused with a code", () => {
  // One fragment less leaves audio and video of different lengths.
  const shorter = clip.slice(0, clip.findLastIndex((_, at) => isMoof(clip, at)) - 4);
  const error = assertThrows(
    () =>
      createLoopOrigin({
        name: "demo",
        title: "Demo",
        clip: shorter,
        platform: createFakePlatform(),
        emit: () => {},
      }),
    CodedError,
  );
  assertEquals((error as CodedError).code, "clip-not-loopable");
});

function isMoof(bytes: Uint8Array, at: number): boolean {
  return String.fromCharCode(...bytes.subarray(at, at + 4)) === "moof";
}
