/**
 * Broadcasts become films: the segments of a channel one after the other, as they came, behind their
 * init segment. What is being written lies in a folder of its own, and is moved to the films once it
 * is whole.
 */
import { concat } from "@std/bytes/concat";
import { CodedError } from "../media/coded_error.ts";
import { withoutTimestamp } from "../media/id3_timestamp.ts";
import { initUriOf } from "../media/playlist_write.ts";
import { mayBeOne } from "../media/stream/stream_answer.ts";
import { createTrackWriter, mergeInits, PICTURES, SOUND } from "../media/stream/two_tracks.ts";
import type { OriginEvent } from "../origin/events.ts";
import { uriOf } from "../origin/publisher.ts";
import type { Files, FileWriter } from "../platform/files.ts";
import type { Platform } from "../platform/platform.ts";
import type { Rendition } from "../protocol/channel.ts";
import { decodeLedgerEntry, type SoundRun } from "../protocol/ledger_entry.ts";

const WRITTEN = "recording";
const DONE = "vod/recordings";
const ENDINGS: Record<Rendition["container"], string> = {
  fmp4: "mp4",
  ts: "ts",
  aac: "aac",
  mp3: "mp3",
  ogg: "ogg",
  webm: "webm",
};

/** `failed`: it could not be written; what there was is kept, and the next broadcast is tried anew. */
export type RecordingState = "waiting" | "recording" | "failed";

export interface Recorder {
  handle(event: OriginEvent): void;
  state(): RecordingState;
  /** Resolves when what was recorded is a film. */
  stop(): Promise<void>;
}

/** A file that is being written. */
interface Reel {
  readonly name: string;
  readonly writer: FileWriter;
  /** What its segments have in common: another one begins another file. */
  readonly kind: string;
  /** Whole segments, bytes. */
  length: number;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** What a segment adds to a recording. */
interface Take {
  /** See `Reel`. */
  readonly kind: string;
  readonly ending: string;
  readonly init: Bytes | undefined;
  /** The bytes, which stand so many after the init. */
  readonly media: (at: number) => Bytes;
}

/** `read` gives a segment or an init segment of the channel by its path. */
export function createRecorder(
  channel: string,
  { now, log }: Pick<Platform, "now" | "log">,
  files: Files,
  read: (path: string) => Bytes | undefined,
): Recorder {
  let state: RecordingState = "waiting";
  let renditions: readonly Rendition[] = [];
  let reel: Reel | undefined;
  // One thing after the other; what is to be written was read when it was announced.
  let work: Promise<void> = finishOld();

  function later(task: () => Promise<void>): void {
    work = work.then(task).catch(fail);
  }

  /** What an edge that crashed has left is a film as far as it goes. */
  async function finishOld(): Promise<void> {
    for (const { path } of await files.list(WRITTEN)) {
      const name = path.slice(WRITTEN.length + 1);
      if (isOurs(name)) await files.move(path, `${DONE}/${name}`).catch(fail);
    }
  }

  /** Another channel may be called `cam_2`. */
  function isOurs(name: string): boolean {
    return name.startsWith(`${channel}_`) && /^\d{4}-\d{2}-/.test(name.slice(channel.length + 1));
  }

  async function fail(reason: unknown): Promise<void> {
    if (state === "recording") state = "failed";
    const why = reason instanceof Error ? reason.message : String(reason);
    const error = new CodedError(
      "recording-stopped",
      `The recording of ${channel} has stopped (${why}); the broadcast goes on.`,
      "Make room on the disk, or check that the data folder can be written: the next broadcast is recorded again.",
    );
    log({ level: "error", code: error.code, message: `${error.message} ${error.hint}` });
    await finish().catch(() => {});
  }

  async function finish(): Promise<void> {
    const done = reel;
    reel = undefined;
    if (!done) return;
    // A segment that was only written in part would end a player's patience.
    await done.writer.truncate(done.length).catch(() => {});
    done.writer.close();
    if (done.length > 0) await files.move(`${WRITTEN}/${done.name}`, `${DONE}/${done.name}`);
  }

  async function write({ kind, ending, init, media }: Take) {
    if (state === "failed") return;
    if (reel?.kind !== kind) {
      await finish();
      const name = await freeName(ending);
      state = "recording";
      reel = { name, writer: await files.create(`${WRITTEN}/${name}`), kind, length: 0 };
      if (init) await reel.writer.write(init);
    }
    const initBytes = init?.length ?? 0;
    const bytes = media(Math.max(0, reel.length - initBytes));
    await reel.writer.write(bytes);
    reel.length += bytes.length + (reel.length === 0 ? initBytes : 0);
  }

  async function freeName(ending: string): Promise<string> {
    // Like `cam_2026-06-01_12.30.00`, in UTC.
    const time = new Date(now()).toISOString().slice(0, 19).replace("T", "_").replaceAll(":", ".");
    for (let turn = 1;; turn++) {
      const name = `${channel}_${time}${turn === 1 ? "" : `_${turn}`}.${ending}`;
      if (!await files.facts(`${DONE}/${name}`)) return name;
    }
  }

  function record(encoded: Uint8Array): void {
    const entry = decodeLedgerEntry(encoded);
    const rendition = renditions.find(({ kind }) => kind === "main");
    if (!entry || !rendition || entry.unit.rendition !== rendition.id) return;
    const bytes = read(entry.uri);
    const initUri = initUriOf(rendition, entry.unit.epoch);
    const init = initUri === undefined ? undefined : read(initUri);
    if (!bytes) return;
    const take: Take = {
      kind: `${rendition.id} ${entry.unit.epoch} ${initUri}`,
      ending: ENDINGS[rendition.container],
      init,
      media: () => withoutTimestamp(bytes),
    };
    // What is to be written is read now.
    const whole = withSound(take, entry.sound, bytes) ?? take;
    later(() => write(whole));
  }

  /** The same with the sound that goes with it, as it stands in the endless stream (PROTOCOL.md §2.7). */
  function withSound(
    { kind, ending, init }: Take,
    sound: SoundRun | undefined,
    pictures: Bytes,
  ): Take | undefined {
    const rendition = renditions.find(({ id }) => id === sound?.rendition);
    const initUri = sound && rendition && initUriOf(rendition, sound.epoch);
    const soundInit = initUri === undefined ? undefined : read(initUri);
    if (!sound || !rendition || !init || !soundInit) return undefined;
    const units = Array.from({ length: sound.count }, (_, at) => {
      const unit = { rendition: rendition.id, sequence: sound.sequence + at };
      return read(uriOf(unit, rendition.container));
    }).filter((unit) => unit !== undefined);
    return {
      kind: `${kind} ${initUri}`,
      ending,
      init: mergeInits(init, soundInit),
      media(at) {
        const parts: Bytes[] = [];
        for (const unit of units) {
          parts.push(...createTrackWriter(SOUND, at)(unit));
          at += unit.length;
        }
        return concat([...parts, ...createTrackWriter(PICTURES, at)(pictures)]);
      },
    };
  }

  return {
    handle(event) {
      switch (event.type) {
        case "described": {
          renditions = event.description.renditions;
          if (!mayBeOne(event.description)) warnOfSound();
          return;
        }
        case "published":
          return record(event.entry);
        case "state":
          if (event.state !== "off-air" && event.state !== "idle") return;
          return later(async () => {
            await finish();
            state = "waiting";
          });
      }
    },
    state: () => state,
    async stop() {
      later(finish);
      await work;
    },
  };

  function warnOfSound(): void {
    const message = `${channel} has its sound apart, not as MP4: its recordings are without. ` +
      "Send sound and picture together, or both as fragmented MP4.";
    log({ level: "warn", code: "recording-without-sound", message });
  }
}
