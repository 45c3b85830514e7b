import { assertEquals } from "@std/assert";
import { createBroadcastWatch } from "../../../edge/channels/broadcast_watch.ts";
import type { Rendition } from "../../../edge/protocol/channel.ts";
import { encodeLedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { WHOLE } from "../../../edge/protocol/unit.ts";

const MAIN: Rendition = {
  id: 0,
  kind: "main",
  playlist: "r0/index.m3u8",
  container: "fmp4",
  attributes: 'BANDWIDTH=9,CODECS="avc1.64001F, mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000',
  inits: [],
};
const AUDIO: Rendition = {
  ...MAIN,
  id: 1,
  kind: "audio",
  playlist: "r1/index.m3u8",
  attributes: 'TYPE=AUDIO,LANGUAGE="de"',
};

function described(...renditions: Rendition[]) {
  const description = {
    name: "cam",
    title: "Cam",
    base: "/live/cam/",
    targetDurationMs: 2_000,
    master: true,
    renditions,
  };
  return { type: "described", channel: "cam", description } as const;
}

function published(rendition: number, sequence: number, bytes: number) {
  const entry = encodeLedgerEntry({
    unit: { epoch: 1, rendition, sequence, part: WHOLE },
    uri: `r${rendition}/${sequence}.m4s`,
    startMs: 0,
    durationMs: 2_000,
    discontinuity: false,
    length: bytes,
    pieceBytes: 16_384,
    runs: 1,
    parityRuns: 0,
    root: new Uint8Array(16),
  });
  return { type: "published", channel: "cam", entry, digests: new Uint8Array() } as const;
}

Deno.test("renditions are told with codecs, size and language as their source names them", () => {
  const watch = createBroadcastWatch();
  assertEquals(watch.renditions(), []);
  watch.handle(described(MAIN, AUDIO));
  assertEquals(watch.renditions(), [
    {
      kind: "main",
      container: "fmp4",
      codecs: ["avc1.64001F", "mp4a.40.2"],
      width: 1280,
      height: 720,
      frameRate: 25,
    },
    { kind: "audio", container: "fmp4", language: "de" },
  ]);
});

Deno.test("the bitrate is measured: the last segments of the best rendition, and of its sound", () => {
  const watch = createBroadcastWatch();
  assertEquals(watch.bitrate(), undefined);
  watch.handle(described(MAIN, { ...MAIN, id: 2 }, AUDIO));
  for (let sequence = 0; sequence < 20; sequence++) {
    watch.handle(published(0, sequence, sequence < 10 ? 900_000 : 200_000));
    watch.handle(published(2, sequence, 100_000));
    watch.handle(published(1, sequence, 20_000));
  }
  assertEquals(watch.renditions().map(({ bitrate }) => bitrate), [800_000, 400_000, 80_000]);
  assertEquals(watch.bitrate(), 880_000);
});
