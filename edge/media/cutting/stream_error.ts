import { CodedError } from "../coded_error.ts";

/** What can be cut. */
export const STREAMABLE =
  "MP3, AAC (ADTS), Ogg with Vorbis or Opus, WebM, and fragmented MP4 with H.264, H.265, AV1, VP9, AAC, MP3, Opus, FLAC or AC-3";

/** What is wrong with an endless stream. */
export class StreamError extends CodedError {
  declare readonly code:
    | "stream-malformed"
    | "stream-lost"
    | "stream-too-large"
    | "keyframes-too-rare"
    | "unsupported-media"
    | "unsupported-codec";
}

export function malformed(what: string): StreamError {
  return new StreamError(
    "stream-malformed",
    `The stream is damaged: ${what}.`,
    "Start the source again; what came before is kept.",
  );
}

export function unsupported(what: string): StreamError {
  return new StreamError("unsupported-codec", `${what} is not taken here.`, `Send ${STREAMABLE}.`);
}
