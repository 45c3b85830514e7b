import { CodedError } from "../media/coded_error.ts";

export type UpstreamCode =
  | "upstream-unreachable"
  | "upstream-timeout"
  | "upstream-not-found"
  | "upstream-forbidden"
  | "upstream-status"
  | "upstream-too-large"
  | "upstream-address"
  | "upstream-encrypted"
  | "upstream-no-media"
  | "upstream-not-media"
  | "upstream-stalled";

/** What to do, for whoever runs the channel. */
const HINTS: Record<UpstreamCode, string> = {
  "upstream-unreachable": "Check the address, and that the upstream is up.",
  "upstream-timeout": "The upstream is slow or overloaded; it is asked again.",
  "upstream-not-found": "Check the address of the playlist; the stream may have ended.",
  "upstream-forbidden": "Check that this edge may read the upstream: token, allowed addresses.",
  "upstream-status": "The upstream has a fault of its own; it is asked again.",
  "upstream-too-large": "Use shorter segments or a shorter playlist window upstream.",
  "upstream-address": "Only http: and https: addresses can be pulled.",
  "upstream-encrypted":
    "Pull the stream before it is encrypted: peers could not check what they pass on.",
  "upstream-no-media": "The master playlist must list at least one stream with its own playlist.",
  "upstream-not-media": "Segments must be fragmented MP4, MPEG-TS, AAC or MP3.",
  "upstream-stalled": "Check that the encoder behind the upstream still runs.",
};

/** Something is wrong with the upstream. The message names its host only: tokens may be in the rest. */
export class UpstreamError extends CodedError {
  declare readonly code: UpstreamCode;

  constructor(code: UpstreamCode, message: string) {
    super(code, message, HINTS[code]);
  }
}

/** An error as one text for people. */
export function explain(error: CodedError): string {
  return `${error.message} ${error.hint} (${error.code})`;
}
