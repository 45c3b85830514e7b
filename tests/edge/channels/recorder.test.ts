import { assert, assertEquals } from "@std/assert";
import { createRecorder } from "../../../edge/channels/recorder.ts";
import type { OriginEvent } from "../../../edge/origin/events.ts";
import { createDenoFiles } from "../../../edge/platform/deno_files.ts";
import type { Files } from "../../../edge/platform/files.ts";
import type { Rendition } from "../../../edge/protocol/channel.ts";
import { encodeLedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { WHOLE } from "../../../edge/protocol/unit.ts";
import { createFakePlatform } from "../fake_platform.ts";

const text = (content: string) => new TextEncoder().encode(content);

async function scene(wrap: (files: Files) => Files = (files) => files) {
  const data = await Deno.makeTempDir({ prefix: "tributary-recorder-" });
  const platform = createFakePlatform();
  const media = new Map<string, Uint8Array<ArrayBuffer>>();
  const open = () =>
    createRecorder("cam", platform, wrap(createDenoFiles(data)), (path) => media.get(path));
  let recorder = open();
  let inits: Rendition["inits"] = [];
  const emit = (event: OriginEvent) => recorder.handle(event);
  return {
    platform,
    state: () => recorder.state(),
    /** An edge that crashed while it recorded has left this. */
    async left(name: string, content: string) {
      await recorder.stop();
      await Deno.mkdir(`${data}/recording`);
      await Deno.writeTextFile(`${data}/recording/${name}`, content);
      recorder = open();
    },
    /** An init segment for units of an epoch. */
    init(epoch: number, content: string) {
      inits = [...inits, { epoch, uri: `r0/init-${epoch}.mp4` }];
      media.set(`r0/init-${epoch}.mp4`, text(content));
      const rendition = {
        id: 0,
        kind: "main",
        playlist: "i",
        container: "fmp4",
        attributes: "",
      } as const;
      emit({
        type: "described",
        channel: "cam",
        description: {
          name: "cam",
          title: "",
          base: "/live/cam/",
          targetDurationMs: 0,
          master: false,
          renditions: [{ ...rendition, inits }],
        },
      });
    },
    segment(epoch: number, sequence: number, content: string) {
      const uri = `r0/${sequence}.m4s`;
      media.set(uri, text(content));
      const cut = { length: content.length, pieceBytes: 16_384, runs: 1, parityRuns: 0 };
      const entry = encodeLedgerEntry({
        ...cut,
        unit: { epoch, rendition: 0, sequence, part: WHOLE },
        uri,
        startMs: 0,
        durationMs: 2_000,
        discontinuity: false,
        root: new Uint8Array(16),
      });
      emit({ type: "published", channel: "cam", entry, digests: new Uint8Array() });
    },
    offAir: () => emit({ type: "state", channel: "cam", state: "off-air" }),
    stop: () => recorder.stop(),
    /** What is recorded, by name. */
    async films() {
      const folder = `${data}/vod/recordings`;
      const found: Record<string, string> = {};
      const names = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
      for (const { name } of names) found[name] = await Deno.readTextFile(`${folder}/${name}`);
      return found;
    },
    [Symbol.asyncDispose]: () => Deno.remove(data, { recursive: true }),
  };
}

const NAME = "cam_2026-01-01_00.00.00";

Deno.test("a broadcast is a film once it is over: its init and its segments, as they came", async () => {
  await using channel = await scene();
  assertEquals(channel.state(), "waiting");
  channel.init(1, "INIT");
  channel.segment(1, 0, "one");
  channel.segment(1, 1, "two");
  channel.offAir();
  await channel.stop();
  assertEquals(await channel.films(), { [`${NAME}.mp4`]: "INITonetwo" });
});

Deno.test("another epoch or another init begins another film", async () => {
  await using channel = await scene();
  channel.init(1, "INIT");
  channel.segment(1, 0, "one");
  channel.init(2, "OTHER");
  channel.segment(2, 1, "two");
  channel.segment(3, 2, "three");
  await channel.stop();
  assertEquals(await channel.films(), {
    [`${NAME}.mp4`]: "INITone",
    [`${NAME}_2.mp4`]: "OTHERtwo",
    [`${NAME}_3.mp4`]: "OTHERthree",
  });
});

Deno.test("what an edge that crashed had recorded is a film when it begins again", async () => {
  await using channel = await scene();
  await channel.left(`${NAME}.mp4`, "INITone");
  await channel.stop();
  assertEquals(await channel.films(), { [`${NAME}.mp4`]: "INITone" });
});

Deno.test("what another channel records is left to it, however alike the names are", async () => {
  await using channel = await scene();
  await channel.left(`cam_2_2026-01-01_00.00.00.mp4`, "INITone");
  await channel.stop();
  assertEquals(await channel.films(), {});
});

Deno.test("a full disk stops the recording, is told once, and leaves whole segments; the next broadcast is tried", async () => {
  let room = 9;
  const small = (files: Files): Files => ({
    ...files,
    async create(path) {
      const writer = await files.create(path);
      return {
        ...writer,
        async write(bytes) {
          // As a disk does: what there is room for is written.
          await writer.write(bytes.subarray(0, room));
          if (bytes.length > room) throw new Error("No space left on device");
          room -= bytes.length;
        },
      };
    },
  });
  await using channel = await scene(small);
  channel.init(1, "INIT");
  channel.segment(1, 0, "one");
  channel.segment(1, 1, "two");
  channel.segment(1, 2, "three");
  while (channel.platform.lines.length === 0) await channel.platform.advance(0);
  assertEquals(channel.state(), "failed");
  assertEquals(channel.platform.lines.map(({ code }) => code), ["recording-stopped"]);
  assert(channel.platform.lines[0]!.message.includes("No space left on device"));
  channel.offAir();
  room = 1_000;
  channel.segment(1, 3, "four");
  await channel.stop();
  assertEquals(await channel.films(), {
    [`${NAME}.mp4`]: "INITone",
    [`${NAME}_2.mp4`]: "INITfour",
  });
  assertEquals(channel.platform.lines.length, 1);
});
