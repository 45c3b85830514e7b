import type { ChangeSignal } from "../../media/stream/change_signal.ts";
import type { StreamLine } from "../../media/stream/stream_line.ts";
import type { ByteLine } from "./byte_line.ts";

/** So much is handed over at once. */
const CHUNK_BYTES = 64 * 1024;

/** The line of what is in the window, as listeners read it. `life` names the counting of this run of the edge. */
export function createWindowLine({ line, life, changes, ended }: {
  line: ByteLine;
  life: number;
  /** Raised when the line has changed or the channel's state has. */
  changes: ChangeSignal;
  /** Nothing will follow. */
  ended: () => boolean;
}): StreamLine {
  return {
    startBefore(ms) {
      const start = line.startBefore(ms);
      if (!start) return undefined;
      const { at, ...what } = start;
      return { place: { life, at }, ...what };
    },
    reaches(place) {
      const { type } = line.read(place.at, true);
      return Promise.resolve(place.life === life && (type === "bytes" || type === "later"));
    },
    async *read({ at }, signal) {
      for (let within = false; !signal.aborted;) {
        const reading = line.read(at, within);
        if (reading.type === "later") {
          if (ended()) return;
          await changes.next();
        } else if (reading.type === "bytes") {
          // A copy: who does not read on would hold the whole segment for as long as it is connected.
          const bytes = reading.bytes.slice(0, CHUNK_BYTES);
          at += bytes.length;
          within = true;
          yield { bytes, sequence: reading.sequence };
        } else return;
      }
    },
  };
}
