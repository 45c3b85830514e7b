import { CodedError } from "../../media/coded_error.ts";
import type { Platform } from "../../platform/platform.ts";
import type { ProgrammeFiles } from "./programme_files.ts";
import { readSchedule, type Schedule } from "./schedule.ts";

/** A schedule as it was read. */
export interface LoadedSchedule {
  readonly schedule: Schedule;
  readonly etag?: string;
}

/** The newest schedule that could be read. */
export interface ScheduleKeeper {
  current(): Schedule;
  /** Reads it again if it was not read a moment ago. Never rejects. */
  refresh(signal: AbortSignal): Promise<void>;
}

/** How old a schedule is before it is read again, ms. */
export const FRESH_MS = 60_000;

/** Reads a schedule; `undefined` if it is still the one of that ETag. Rejects with a `CodedError`. */
export async function loadSchedule(
  { files, url, etag, signal }: {
    files: ProgrammeFiles;
    url: string;
    etag?: string | undefined;
    signal: AbortSignal;
  },
): Promise<LoadedSchedule | undefined> {
  try {
    const loaded = await files.text(url, etag, signal);
    return loaded && {
      schedule: readSchedule(loaded.text, loaded.url),
      ...(loaded.etag === undefined ? {} : { etag: loaded.etag }),
    };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    throw new CodedError(
      "schedule-unreadable",
      `The schedule ${nameOf(url)} cannot be read: ${error.message}`,
      error.hint,
    );
  }
}

export function createScheduleKeeper({ platform, files, name, url, first }: {
  platform: Platform;
  files: ProgrammeFiles;
  /** Of the channel. */
  name: string;
  url: string;
  first: LoadedSchedule;
}): ScheduleKeeper {
  let newest = first;
  let readMs = platform.now();
  let told: string | undefined;

  return {
    current: () => newest.schedule,
    async refresh(signal) {
      if (platform.now() - readMs < FRESH_MS) return;
      readMs = platform.now();
      try {
        newest = await loadSchedule({ files, url, etag: newest.etag, signal }) ?? newest;
        told = undefined;
      } catch (error) {
        if (signal.aborted) return;
        const { message, hint = "" } = error as CodedError;
        if (message === told) return;
        told = message;
        platform.log({
          level: "warn",
          code: "schedule-unreadable",
          message: `${name}: ${message} The last good one goes on. ${hint}`,
        });
      }
    },
  };
}

/** Without what may be a token. */
function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}
