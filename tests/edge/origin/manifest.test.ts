import { assertEquals } from "@std/assert";
import { readMpd } from "../../../edge/media/mpd_read.ts";
import { createLiveWindow } from "../../../edge/origin/live_window.ts";
import { openLoopClip } from "../../../edge/origin/loop_clip.ts";
import { createLoopOrigin } from "../../../edge/origin/loop_origin.ts";
import { channelManifest } from "../../../edge/origin/manifest.ts";
import { sealSegment } from "../../../edge/origin/publisher.ts";
import { createFakePlatform } from "../fake_platform.ts";
import { sending } from "./push/sending.ts";

const clip = await Deno.readFile(new URL("../../../edge/origin/demo/clip.mp4", import.meta.url));
const NOW = 1_780_000_000_000;
const NEWEST = NOW / 2000 - 1;

Deno.test("the manifest lists the newest eight segments, with their times on the wall clock", async () => {
  const platform = createFakePlatform({ now: NOW });
  const origin = createLoopOrigin({ name: "demo", title: "Demo", clip, platform, emit: () => {} });
  const response = await origin.respond("manifest.mpd", new Request("http://edge.test/"));
  assertEquals(response.headers.get("Content-Type"), "application/dash+xml");
  assertEquals(response.headers.get("Cache-Control"), "no-store");
  const { media } = readMpd(await response.text());
  const { segments, endList } = media[0]!.playlist;
  assertEquals(endList, false);
  const sequences = Array.from({ length: 8 }, (_, at) => NEWEST - 7 + at);
  assertEquals(segments.map(({ uri }) => uri), sequences.map((number) => `r0/${number}.m4s`));
  assertEquals(segments[0]!.init, { uri: "r0/init-1.mp4" });
  assertEquals(
    segments.map(({ programDateTimeMs }) => programDateTimeMs),
    sequences.map((number) => number * 2000),
  );
  await origin.stop();
});

Deno.test("what stands before a break or a hole is not listed: it is of another timeline", async () => {
  const { init, segment, segmentMs } = openLoopClip(clip);
  const rendition = {
    id: 0,
    kind: "main" as const,
    playlist: "index.m3u8",
    container: "fmp4" as const,
    attributes: "",
    inits: [{ epoch: 1, uri: "r0/init-1.mp4" }],
  };
  const listed = async (sequences: readonly number[], breakAt?: number) => {
    const window = createLiveWindow();
    for (const sequence of sequences) {
      window.put(
        await sealSegment({
          unit: { epoch: 1, rendition: 0, sequence },
          container: "fmp4",
          bytes: segment(sequence),
          startMs: sequence * segmentMs,
          durationMs: segmentMs,
          discontinuity: sequence === breakAt,
        }),
      );
    }
    const text = channelManifest({
      window,
      inits: new Map([["r0/init-1.mp4", init]]),
      description: {
        name: "demo",
        title: "Demo",
        base: "/live/demo/",
        targetDurationMs: segmentMs,
        master: false,
        renditions: [rendition],
      },
      nowMs: 20_000,
      ended: false,
    });
    return readMpd(text!).media[0]!.playlist.segments.map(({ sequence }) => sequence);
  };
  assertEquals(await listed([1, 2, 3, 4]), [1, 2, 3, 4]);
  assertEquals(await listed([1, 2, 3, 4], 3), [3, 4]);
  assertEquals(await listed([1, 2, 4]), [4]);
});

Deno.test("what is no MP4 has no manifest, and the answer says where to look", async () => {
  const { origin, platform, live, until, sequences } = sending();
  await live(0, 0);
  await platform.advance(1_500);
  await until(() => sequences().length === 1);
  const response = await origin.respond("manifest.mpd", new Request("http://edge.test/"));
  const { error } = await response.json();
  assertEquals([response.status, error.code], [404, "not-for-dash"]);
  assertEquals(/index\.m3u8/.test(error.hint), true);
  await origin.stop();
});
