/** Sound that is a rendition of its own: the edge, and who has the ledger, make one stream of the same bytes. */
import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import fc from "fast-check";
import { readTrackFragments, splitFragments } from "../../../edge/media/mp4_fragments.ts";
import { createChangeSignal } from "../../../edge/media/stream/change_signal.ts";
import type { StreamLine } from "../../../edge/media/stream/stream_line.ts";
import { sameBytes } from "../../../edge/protocol/bytes.ts";
import { createLedger } from "../../../web/player/ledger.ts";
import { createLedgerLine } from "../../../web/stream/ledger_line.ts";
import { turn } from "../../edge/fake_platform.ts";
import { aloneSegment, PICTURES, SOUND } from "../../edge/media/cutting/streams.ts";
import { DESCRIPTION, INITS, soundApart } from "../../edge/sound_apart.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Stage = ReturnType<typeof soundApart>;

/** What a page makes of the ledger; units come in parts of `partBytes`. */
function pageLine({ log, media }: Stage, partBytes: number): StreamLine {
  const ledger = createLedger();
  for (const entry of log.entries()) ledger.add(entry);
  return createLedgerLine({
    ledger,
    units: {
      async *read({ uri }) {
        const bytes = media.read(uri)!;
        for (let at = 0; at < bytes.length; at += partBytes) {
          yield await Promise.resolve(bytes.slice(at, at + partBytes));
        }
      },
    },
    id: 0,
    rendition: (id) => DESCRIPTION.renditions[id],
    init: (uri) => INITS[uri],
    isPlayable: () => true,
    changes: createChangeSignal(),
    ended: () => true,
    now: () => 0,
  });
}

async function readFrom(line: StreamLine, place: { life: number; at: number }): Promise<Bytes> {
  const parts = await Array.fromAsync(line.read(place, new AbortController().signal));
  return concat(parts.map(({ bytes }) => bytes));
}

/** The tracks of a stream's fragments, in order, each with its time in s. */
function fragmentsOf(stream: Bytes): string[] {
  const { fragments } = splitFragments(stream);
  return fragments.map((fragment) => {
    const { trackId, decodeTime } = readTrackFragments(fragment, [])[0]!;
    return trackId === 1 ? `pictures ${decodeTime / 1000}` : `sound ${decodeTime / 48_000}`;
  });
}

Deno.test("each segment of pictures stands after its sound, whichever of the two was announced first", async () => {
  const stage = soundApart();
  await Promise.all([stage.sound(0), stage.pictures(0)]);
  const both = [stage.pictures(1), stage.sound(1)];
  await Promise.all(both);
  const { bytes } = await stage.streamed();
  assertEquals(fragmentsOf(bytes), ["sound 0", "pictures 0", "sound 2", "pictures 2"]);
  assertEquals(stage.platform.timers(), 0);
});

Deno.test("pictures wait for their sound half a second, once; without it they go on, and it follows", async () => {
  const stage = soundApart();
  await Promise.all([stage.sound(0), stage.pictures(0)]);
  const late = stage.pictures(1);
  await stage.platform.advance(499);
  assertEquals(stage.log.entries(0).length, 1);
  await stage.platform.advance(1);
  await late;
  await stage.pictures(2);
  await stage.platform.advance(600);
  await stage.sound(1);
  await stage.sound(2);
  await stage.pictures(3);
  const { bytes } = await stage.streamed();
  assertEquals(fragmentsOf(bytes), [
    ...["sound 0", "pictures 0", "pictures 2", "pictures 4"],
    ...["sound 2", "sound 4", "pictures 6"],
  ]);
});

Deno.test("once sound comes soon again, pictures wait for it again", async () => {
  const stage = soundApart();
  await Promise.all([stage.sound(0), stage.pictures(0)]);
  const late = stage.pictures(1);
  await stage.platform.advance(500);
  await late;
  await stage.platform.advance(100);
  await stage.sound(1);
  await stage.pictures(2);
  await stage.platform.advance(100);
  await stage.sound(2);
  const waits = stage.pictures(3);
  await turn();
  assertEquals(stage.log.entries(0).length, 3);
  await stage.sound(3);
  await waits;
});

Deno.test("where both begin from 0 again, pictures wait for the sound of their own timeline: the stream breaks once", async () => {
  const { log, media, platform, pictures, sound } = soundApart();
  for (const at of [50, 51]) await Promise.all([sound(at), pictures(at)]);
  const again = Object.entries(INITS).map(([path, bytes]) => {
    const uri = path.replace("init-1", "init-2");
    media.keepInit(uri, bytes);
    return { epoch: 2, uri };
  });
  media.describe({
    ...DESCRIPTION,
    renditions: DESCRIPTION.renditions.map((one, at) => ({
      ...one,
      inits: [...one.inits, again[at]!],
    })),
  });
  const publish = (of: typeof PICTURES | typeof SOUND, rendition: number, sequence: number) =>
    media.publish({
      unit: { epoch: 2, rendition, sequence },
      container: "fmp4",
      bytes: aloneSegment(of, { startS: (sequence - 52) * 2, endS: (sequence - 51) * 2 }),
      startMs: sequence * 2_000,
      durationMs: 2_000,
      discontinuity: sequence === 52,
    });
  const first = publish(PICTURES, 0, 52);
  await platform.advance(100);
  await publish(SOUND, 1, 52);
  await first;
  const told = log.entries(0).map(({ unit, sound }) => `${unit.epoch} with ${sound!.epoch}`);
  assertEquals(told, ["1 with 1", "1 with 1", "2 with 2"]);
  assertEquals(platform.timers(), 0);
});

const orders = fc.record({
  /** Whether a segment of pictures, and of sound, is there at all. */
  there: fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 6 }),
  soundFirst: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
  fragments: fc.integer({ min: 1, max: 3 }),
  partBytes: fc.integer({ min: 1, max: 900 }),
  from: fc.nat(),
});

Deno.test("whatever is missing or late, a page has the edge's bytes and numbers, from any place on", async () => {
  await fc.assert(
    fc.asyncProperty(orders, async (order) => {
      const { there, soundFirst, fragments, partBytes, from } = order;
      const stage = soundApart();
      await Promise.all([stage.sound(0), stage.pictures(0)]);
      for (const [at, [pictures, sound]] of there.entries()) {
        const ways = [
          () => sound ? stage.sound(at + 1, fragments) : undefined,
          () => pictures ? stage.pictures(at + 1, fragments) : undefined,
        ];
        const done = (soundFirst[at] ? ways : ways.toReversed()).map((way) => way());
        await stage.platform.advance(600);
        await Promise.all(done);
      }
      const { bytes, token } = await stage.streamed();
      const [life, at, initBytes] = token.split(".");
      const line = pageLine(stage, partBytes);
      const start = line.startBefore(60_000)!;
      assertEquals(start.place, { life: parseInt(life!, 16), at: Number(at) });
      assert(sameBytes(start.init!, bytes.subarray(0, Number(initBytes))));
      const media = bytes.subarray(Number(initBytes));
      const skipped = from % media.length;
      const place = { ...start.place, at: start.place.at + skipped };
      assert(await line.reaches(place));
      assert(sameBytes(await readFrom(line, place), media.subarray(skipped)), "the very bytes");
    }),
    { numRuns: 60 },
  );
});

Deno.test("sound that is not known here is not left out: the stream ends before it", async () => {
  const stage = soundApart();
  await Promise.all([stage.sound(0), stage.pictures(0)]);
  await Promise.all([stage.sound(1), stage.pictures(1)]);
  const { log } = stage;
  const known = log.entries().filter(({ uri }) => uri !== "r1/1.m4s");
  const line = pageLine({ ...stage, log: { ...log, entries: () => known } }, 500);
  const media = await readFrom(line, line.startBefore(60_000)!.place);
  assertEquals(fragmentsOf(concat([INITS["r0/init-1.mp4"]!, media])), ["sound 0", "pictures 0"]);
});
