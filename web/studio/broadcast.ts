import { createIngest, type IngestAddress } from "./ingest.ts";
import { atShare, bitsPerSecond, type Quality } from "./quality.ts";
import { createRateControl } from "./rate_control.ts";
import { createSender, type SenderStatus } from "./sender.ts";
import type { Take } from "./take.ts";

export interface BroadcastStatus extends SenderStatus {
  /** What is encoded now; less than was chosen where the uplink is too slow. */
  readonly quality: Quality;
  readonly reduced: boolean;
}

/** A stream on its way to a channel. */
export interface Broadcast {
  status(): BroadcastStatus;
  takeOver(): void;
  /** Resolves when the channel has been told that this was the end. */
  stop(): Promise<void>;
  /** The page is being closed. */
  leave(): void;
}

export function startBroadcast({ address, stream, quality, changed, failed }: {
  address: IngestAddress;
  stream: MediaStream;
  quality: Quality;
  /** Called when the state of the sender is another one. */
  changed: () => void;
  /** Called when this browser cannot encode, or not any more. */
  failed: (error: unknown) => void;
}): Broadcast {
  const rates = createRateControl((share) => bitsPerSecond(atShare(quality, share)));
  const sender = createSender({
    ingest: createIngest(address),
    changed,
    delivered(delivery) {
      if (rates.delivered(delivery, performance.now())) void queueTake();
    },
  });
  let takes = 0;
  let take: Take | undefined;
  let stopped = false;
  let changing: Promise<void> = Promise.resolve();

  /** Begins anew with the encoders as they shall be now. */
  function queueTake(): Promise<void> {
    return changing = changing.then(async () => {
      await take?.stop();
      take = undefined;
      if (stopped) return;
      const { startTake } = await import("./take.ts");
      const number = takes++;
      take = await startTake({
        stream,
        quality: atShare(quality, rates.share),
        initName: `init-${number}.mp4`,
        discontinuity: number > 0,
        emit: sender.push,
        failed,
      });
    }).catch(failed);
  }

  void queueTake();

  return {
    status: () => ({
      ...sender.status(),
      quality: atShare(quality, rates.share),
      reduced: rates.share < 1,
    }),
    takeOver: sender.takeOver,
    async stop() {
      stopped = true;
      await queueTake();
      await sender.end();
    },
    leave: sender.leave,
  };
}
