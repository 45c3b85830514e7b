import type { Platform } from "../platform/platform.ts";

/** Whether anybody watches: peers of the swarm, and plain players that ask for playlists. */
export interface Interest {
  /** How many peers watch now. */
  watchers(count: number): void;
  /** A plain player has asked. */
  touch(): void;
  /** Somebody is there, or was a moment ago. */
  present(): boolean;
  /** Nothing begins or ends any more. */
  stop(): void;
}

/** Calls `begin` when interest arises, and `end` once there has been none for `lingerMs`. */
export function createInterest({ platform, lingerMs, begin, end }: {
  platform: Platform;
  lingerMs: number;
  begin: () => void;
  end: () => void;
}): Interest {
  let present = false;
  let watching = 0;
  let stopped = false;
  let cancelTimer = () => {};

  function renew(): void {
    if (stopped) return;
    cancelTimer();
    cancelTimer = watching > 0 ? () => {} : platform.after(lingerMs, () => {
      present = false;
      end();
    });
    if (present) return;
    present = true;
    begin();
  }

  return {
    watchers(count) {
      const before = watching;
      watching = count;
      if (count > 0 || before > 0) renew();
    },
    touch: renew,
    present: () => present,
    stop() {
      stopped = true;
      cancelTimer();
    },
  };
}
