/** What the engine has to know of a media element. */
export interface ElementState {
  /** Media buffered ahead of the play position, s; 0 before the first frame. */
  readonly bufferSeconds: number;
  readonly paused: boolean;
  /** The page is not on screen. */
  readonly hidden: boolean;
}

export function readElement(element: HTMLMediaElement): ElementState {
  return {
    bufferSeconds: bufferedAhead(element.buffered, element.currentTime),
    paused: element.paused && !element.ended,
    hidden: element.ownerDocument.hidden,
  };
}

/** Seconds from `time` to the end of the buffered range that holds it. */
export function bufferedAhead(buffered: TimeRanges, time: number): number {
  for (let index = 0; index < buffered.length; index++) {
    // A play position just before its range (a rounded timestamp) is still in it for the element.
    if (time >= buffered.start(index) - 0.1 && time <= buffered.end(index)) {
      return buffered.end(index) - time;
    }
  }
  return 0;
}
