import { elementsIn, readUnsigned } from "./ebml.ts";
import { malformed, unsupported } from "./stream_error.ts";

export interface WebmTrack {
  readonly number: number;
  readonly video: boolean;
}

const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const TRACK_TYPE = 0x83;
const CODEC_ID = 0x86;
const VIDEO = 1;
const AUDIO = 2;
/** What the WebM container guidelines and browsers take. */
const CODECS = ["V_VP8", "V_VP9", "V_AV1", "A_VORBIS", "A_OPUS"];

/** The tracks of a `Tracks` element's content (RFC 9559 §5.1.4). Throws `CodedError`. */
export function readWebmTracks(content: Uint8Array): WebmTrack[] {
  const tracks: WebmTrack[] = [];
  for (const entry of elementsIn(content)) {
    if (entry.id !== TRACK_ENTRY) continue;
    const fields = new Map([...elementsIn(entry.content)].map((one) => [one.id, one.content]));
    const number = readUnsigned(fields.get(TRACK_NUMBER) ?? new Uint8Array());
    const type = readUnsigned(fields.get(TRACK_TYPE) ?? new Uint8Array());
    const codec = new TextDecoder().decode(fields.get(CODEC_ID)).replace(/\0+$/, "");
    if (number === 0) throw malformed("a track of WebM has no number");
    if ((type === VIDEO || type === AUDIO) && !CODECS.includes(codec)) {
      throw unsupported(`${codec.slice(0, 40) || "A track without a codec"} in WebM`);
    }
    tracks.push({ number, video: type === VIDEO });
  }
  return tracks;
}
