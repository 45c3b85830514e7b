import type { CountingProxy } from "../support/counting_proxy.ts";
import type { EdgeProcess } from "../support/edge_process.ts";
import type { ProgressBar } from "../support/progress_bar.ts";
import { type AudienceCount, together } from "./audience_count.ts";
import { type AudienceLine, audienceLine } from "./audience_line.ts";
import { playPhase } from "./phase.ts";
import { demoRate } from "./stream_rate.ts";
import type { Variant } from "./variants.ts";
import type { ViewersOptions } from "./viewers_options.ts";

/** A variant's figures, all of its turns together. */
export interface VariantLine {
  readonly variant: string;
  readonly viewers: number;
  readonly calm: AudienceLine;
  /** With one viewer replaced every `churnSeconds`. */
  readonly churnSeconds: number;
  readonly churn?: AudienceLine;
}

/** Plays the variants in turns, `rounds` times each. */
export async function playVariants({ edge, proxy, variants, options, bar }: {
  edge: EdgeProcess;
  proxy: CountingProxy;
  variants: readonly Variant[];
  options: ViewersOptions;
  bar: ProgressBar;
}): Promise<readonly VariantLine[]> {
  const { viewers, rounds } = options;
  const calm = variants.map((): AudienceCount[] => []);
  const churn = variants.map((): AudienceCount[] => []);
  bar.show(0, "waits for a loop of the demo channel");
  const bytesPerMs = await demoRate(edge);
  for (let turn = 0; turn < rounds * variants.length; turn++) {
    const at = turn % variants.length;
    const variant = variants[at]!;
    const progress = (done: number) =>
      bar.show((turn + done) / (rounds * variants.length), variant.name);
    progress(0);
    const counts = await playPhase({ proxy, variant, bytesPerMs, options, progress });
    calm[at]!.push(counts.calm);
    if (counts.churn) churn[at]!.push(counts.churn);
  }
  bar.clear();
  return variants.map(({ name }, at) => ({
    variant: name,
    viewers,
    churnSeconds: options.churn,
    calm: audienceLine(viewers, together(calm[at]!)),
    ...(options.churn > 0 ? { churn: audienceLine(viewers, together(churn[at]!)) } : {}),
  }));
}
