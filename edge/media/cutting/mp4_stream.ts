import { viewOf } from "../mp4_boxes.ts";
import { readTrackFragments } from "../mp4_fragments.ts";
import { readTracks, type Track } from "../mp4_tracks.ts";
import { type Atom, type Framer, initAtom, mediaAtom } from "./atom.ts";
import { beginsWithKeyframe, readDefaultFlags } from "./mp4_keyframe.ts";
import { PLAYABLE_IN_MP4 } from "../playable.ts";
import { malformed, STREAMABLE, StreamError, unsupported } from "./stream_error.ts";

interface Movie {
  /** Its time is the stream's: of the pictures, or else of the sound. */
  readonly leading: Track;
  readonly tracks: readonly Track[];
  readonly sampleFlags: ReadonlyMap<number, number>;
}

/** A box at the top of a file. */
interface Top {
  readonly type: string;
  readonly end: number;
}

const MOST_BOXES = 1_000;

/** Fragmented MP4, ISO/IEC 14496-12 §8.8: an init, then fragments, each up to the end of its media data. */
export function createMp4Framer(): Framer {
  let movie: Movie | undefined;

  function fragment(bytes: Uint8Array): Atom {
    if (!movie) throw malformed("a fragment comes before the movie box of MP4");
    const { leading, tracks, sampleFlags } = movie;
    const ticks = readTrackFragments(bytes, tracks)
      .filter(({ trackId }) => trackId === leading.id)
      .reduce((sum, { duration }) => sum + duration, 0);
    const begins = beginsWithKeyframe(bytes, leading.id, sampleFlags);
    const opens = begins !== undefined && (begins || leading.kind !== "video");
    return mediaAtom(bytes.length, ticks * 1000 / leading.timescale, opens);
  }

  function next(bytes: Uint8Array): Atom | undefined {
    let fragmented = false;
    let at = 0;
    for (let count = 0; count < MOST_BOXES; count++) {
      const box = readTop(bytes, at);
      if (!box) return undefined;
      at = box.end;
      if (box.type === "moof") fragmented = true;
      if (box.type === "mdat" && !fragmented) throw notFragmented();
      if (box.type !== "moov" && box.type !== "mdat") continue;
      if (bytes.length < at) return undefined;
      if (box.type === "mdat") return fragment(bytes.subarray(0, at));
      movie = readMovie(bytes.subarray(0, at));
      return initAtom(at);
    }
    throw malformed("MP4 has neither a movie nor a fragment");
  }

  return { next, last: next };
}

function readMovie(init: Uint8Array): Movie {
  const tracks = readTracks(init);
  const media = tracks.filter(({ kind }) => kind !== "other");
  const unknown = media.find(({ format }) => !PLAYABLE_IN_MP4.has(format));
  if (unknown) throw unsupported(`${unknown.format || "A track without a codec"} in MP4`);
  const leading = media.find(({ kind }) => kind === "video") ?? media[0];
  if (!leading) throw unsupported("MP4 without pictures or sound");
  return { leading, tracks, sampleFlags: readDefaultFlags(init) };
}

/** A box may be counted with only its header there. */
function readTop(bytes: Uint8Array, at: number): Top | undefined {
  if (bytes.length < at + 8) return undefined;
  const view = viewOf(bytes);
  const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
  const short = view.getUint32(at);
  if (short === 1 && bytes.length < at + 16) return undefined;
  const size = short === 1 ? Number(view.getBigUint64(at + 8)) : short;
  if (!/^[\x20-\x7e]{4}$/.test(type)) throw malformed("what should be a box of MP4 is none");
  if (size < (short === 1 ? 16 : 8)) throw malformed(`box ${type} of MP4 has no size`);
  return { type, end: at + size };
}

function notFragmented(): StreamError {
  return new StreamError(
    "unsupported-media",
    "This MP4 is not fragmented: it cannot be played before its end.",
    `Have it made with ffmpeg's -movflags frag_keyframe+empty_moov+default_base_moof; or send ${STREAMABLE}.`,
  );
}
