import { openBrowser } from "../support/browser.ts";
import type { CountingProxy } from "../support/counting_proxy.ts";
import { pause } from "../support/wait.ts";
import { type Audience, openAudience } from "./audience.ts";
import { type AudienceCount, type AudienceLook, between } from "./audience_count.ts";
import type { Variant } from "./variants.ts";
import type { ViewersOptions } from "./viewers_options.ts";

/** Given to partners to be found, and to injectors to be named, before the count begins, ms. */
const SETTLING_MS = 10_000;

/** What a variant came to in one turn. */
export interface PhaseCounts {
  readonly calm: AudienceCount;
  /** With viewers replaced; absent where none are. */
  readonly churn?: AudienceCount;
}

/**
 * An audience of `variant` in a browser of its own: all join, one after the other; it is counted for
 * `seconds`, and once more with one viewer replaced every `churn` seconds, what joins cost included.
 * `bytesPerMs` is the stream's rate; `progress` hears of the share that is done.
 */
export async function playPhase(
  { proxy, variant, bytesPerMs, options, progress }: {
    proxy: CountingProxy;
    variant: Variant;
    bytesPerMs: number;
    options: ViewersOptions;
    progress: (done: number) => void;
  },
): Promise<PhaseCounts> {
  const { viewers, seconds, churn } = options;
  const counts = churn > 0 ? 2 : 1;
  await using browser = await openBrowser();
  await using audience = openAudience(browser, proxy.url + variant.path);
  for (let joined = 0; joined < viewers; joined++) await audience.join();
  await pause(SETTLING_MS);

  const before = await look(audience, proxy);
  for (let second = 1; second <= seconds; second++) {
    await pauseUntil(before.atMs + second * 1_000);
    progress(second / seconds / counts);
  }
  const middle = await look(audience, proxy);
  const calm = between(before, middle, bytesPerMs);
  if (churn === 0) return { calm };

  for (let second = 1; second <= seconds; second++) {
    if (second % churn === 1 % churn) await audience.replace();
    await pauseUntil(middle.atMs + second * 1_000);
    progress(0.5 + second / seconds / counts);
  }
  const after = await look(audience, proxy);
  return { calm, churn: between(middle, after, bytesPerMs) };
}

async function look(audience: Audience, proxy: CountingProxy): Promise<AudienceLook> {
  const atMs = performance.now();
  const wholeBytes = proxy.bytes(["segment", "init"]);
  const rangeBytes = proxy.bytes(["range"]);
  const seen = await audience.look();
  return { atMs, seen, behindMs: await audience.behindMs(), wholeBytes, rangeBytes };
}

function pauseUntil(atMs: number): Promise<void> {
  return pause(Math.max(0, atMs - performance.now()));
}
