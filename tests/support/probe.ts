export interface Stall {
  readonly atMs: number;
  readonly ms: number;
  /** The element ran out of media (`readyState`), or had to begin anew. */
  readonly starved: boolean;
}

/** What a viewer has seen so far. Times are ms since the navigation started. */
export interface ProbeReading {
  /** When the first video frame was shown. */
  readonly firstFrameMs: number | undefined;
  /** Time after the first frame in which the picture should have moved on and did not. */
  readonly stallMs: number;
  /** The part of it in which the element had no media to show; the rest is the machine's slowness. */
  readonly starvedMs: number;
  readonly stalls: readonly Stall[];
  /** `waiting` events after the first frame. */
  readonly waits: number;
  /** Times at which the position moved by more than a quarter of a second too far or backwards. */
  readonly jumps: readonly { readonly atMs: number; readonly seconds: number }[];
  /** s */
  readonly currentTime: number;
  readonly bufferedSeconds: number;
  readonly paused: boolean;
  readonly ended: boolean;
  /** Messages of the element's `error` events. */
  readonly mediaErrors: readonly string[];
  readonly decodedFrames: number;
  readonly droppedFrames: number;
  readonly visibility: DocumentVisibilityState;
}

/** The frame of the demo channel that is on screen. */
export interface DemoFrame {
  /** 0 … 599, at 25 frames a second */
  readonly number: number;
  /** How far it is behind the wall clock that the demo's loop follows, ms. */
  readonly behindMs: number;
}

declare global {
  interface Window {
    __probe: { read(): ProbeReading; demoFrame(): DemoFrame | undefined };
  }
}

/**
 * Installed into a page before its own scripts; watches the first `<video>` or `<audio>` that appears.
 * The first frame of an `<audio>` is when it has begun to play.
 *
 * A *stall* is what a person would call one. Every 50 ms, and at every event of the element, the
 * progress of `currentTime` is compared with the time gone by since the sample before. Where it made
 * less than half of it, or lost more than 100 ms (timers of hidden pages come once a second), the
 * missing time counts; neighbouring losses are one stall, and one under 80 ms is none, being within
 * what `currentTime` jitters. It counts from the first frame on, unless someone paused the element,
 * it reached its end, or it seeks. `load()` also pauses, but without a `pause` event: nobody asked
 * for that, so the time until the picture returns is a stall.
 *
 * On a machine with more viewers than cores the media clock itself slips now and then with seconds
 * of media at hand. That is a stall to whoever watches, yet not one of ours: `starved` tells apart.
 *
 * The function is serialised: it must not use anything outside itself.
 */
export function installProbe(): void {
  const SAMPLE_MS = 50;
  const FRAME_MS = 10;
  const LOST_MS = 100;
  const JITTER_MS = 80;
  const JUMP_MS = 250;

  /** An `<audio>` has no picture, and what asks for one says so. */
  type Watched = HTMLMediaElement & Partial<HTMLVideoElement>;
  let video: Watched | undefined;
  let firstFrameMs: number | undefined;
  let pausedByPerson = false;
  let waits = 0;
  let last: { atMs: number; position: number; moves: boolean; hungry: boolean } | undefined;
  let open: { atMs: number; ms: number; starved: boolean } | undefined;
  const stalls: Stall[] = [];
  const jumps: { atMs: number; seconds: number }[] = [];
  const mediaErrors: string[] = [];

  const closeStall = () => {
    if (open && open.ms >= JITTER_MS) stalls.push(open);
    open = undefined;
  };

  const sample = () => {
    if (!video || firstFrameMs === undefined) return;
    const now = {
      atMs: performance.now(),
      position: video.currentTime,
      moves: !pausedByPerson && !video.ended && !video.seeking,
      hungry: video.readyState < video.HAVE_FUTURE_DATA || video.paused,
    };
    const before = last;
    last = now;
    if (!before) return;
    if (!before.moves || !now.moves) return closeStall();
    const goneMs = now.atMs - before.atMs;
    // Samples of one instant say nothing about speed.
    if (goneMs < 5) {
      last = before;
      return;
    }
    const rate = video.playbackRate;
    const madeMs = ((now.position - before.position) * 1000) / rate;
    if (madeMs < -JUMP_MS || madeMs - goneMs > JUMP_MS) {
      jumps.push({ atMs: now.atMs, seconds: now.position - before.position });
    }
    const missingMs = goneMs - Math.max(0, madeMs);
    if (missingMs > goneMs / 2 || missingMs > LOST_MS) {
      open ??= { atMs: before.atMs, ms: 0, starved: false };
      open.ms += missingMs;
      open.starved ||= before.hungry || now.hungry;
    } else {
      closeStall();
    }
  };

  const watch = (element: Watched) => {
    video = element;
    // `requestVideoFrameCallback` would tell, but an element with native HLS that has one fails with
    // DEMUXER_ERROR_COULD_NOT_PARSE in most starts (Chromium 156, any HLS with segments of 2 s).
    const awaitFrame = () => {
      const { totalVideoFrames } = element.getVideoPlaybackQuality?.() ?? {};
      if ((totalVideoFrames ?? element.currentTime) === 0) return;
      clearInterval(frameTimer);
      firstFrameMs = performance.now();
      sample();
    };
    const frameTimer = setInterval(awaitFrame, FRAME_MS);
    const seen: Record<string, () => void> = {
      waiting: () => waits += firstFrameMs === undefined ? 0 : 1,
      pause: () => pausedByPerson = !element.ended,
      play: () => pausedByPerson = false,
      playing: () => pausedByPerson = false,
      error: () => mediaErrors.push(element.error?.message || `code ${element.error?.code}`),
      seeking: () => {},
      seeked: () => {},
      ended: () => {},
      timeupdate: () => {},
      emptied: () => {},
    };
    for (const [type, note] of Object.entries(seen)) {
      element.addEventListener(type, () => {
        note();
        sample();
      });
    }
    setInterval(sample, SAMPLE_MS);
  };

  const seek = () => {
    const element = document.querySelector<Watched>("video, audio");
    if (!element) return;
    observer.disconnect();
    watch(element);
  };
  const observer = new MutationObserver(seek);
  observer.observe(document, { childList: true, subtree: true });

  globalThis.window.__probe = {
    read() {
      sample();
      const all = open && open.ms >= JITTER_MS ? [...stalls, open] : stalls;
      const sum = (of: readonly Stall[]) => of.reduce((total, stall) => total + stall.ms, 0);
      const quality = video?.getVideoPlaybackQuality?.();
      const ranges = video?.buffered;
      const end = ranges?.length ? ranges.end(ranges.length - 1) : 0;
      return {
        firstFrameMs,
        stallMs: sum(all),
        starvedMs: sum(all.filter((stall) => stall.starved)),
        stalls: all,
        waits,
        jumps,
        currentTime: video?.currentTime ?? 0,
        bufferedSeconds: Math.max(0, end - (video?.currentTime ?? 0)),
        paused: video?.paused ?? true,
        ended: video?.ended ?? false,
        mediaErrors,
        decodedFrames: quality?.totalVideoFrames ?? 0,
        droppedFrames: quality?.droppedVideoFrames ?? 0,
        visibility: document.visibilityState,
      };
    },

    // Ten cells of 12 × 12 pixels at the foot of the 640 × 360 picture, highest bit first.
    demoFrame() {
      if (!video?.videoWidth) return undefined;
      const atMs = Date.now();
      const canvas = document.createElement("canvas");
      canvas.width = 640;
      canvas.height = 360;
      const context = canvas.getContext("2d", { willReadFrequently: true })!;
      context.drawImage(video as HTMLVideoElement, 0, 0, canvas.width, canvas.height);
      let number = 0;
      for (let cell = 0; cell < 10; cell++) {
        const { data } = context.getImageData(16 + 14 * cell + 4, 340 + 4, 4, 4);
        let sum = 0;
        for (let at = 0; at < data.length; at += 4) sum += data[at + 1]!;
        number = number * 2 + (sum / (data.length / 4) > 127 ? 1 : 0);
      }
      const loopMs = 24_000;
      return { number, behindMs: (((atMs - number * 40) % loopMs) + loopMs) % loopMs };
    },
  };
}
