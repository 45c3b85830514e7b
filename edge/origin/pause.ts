import type { Platform } from "../platform/platform.ts";

/** Resolves after `ms`, or at once when `signal` is aborted. */
export function pause(platform: Platform, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = platform.after(ms, done);
    signal.addEventListener("abort", done);
  });
}
