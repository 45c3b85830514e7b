import { CodedError } from "../coded_error.ts";

/** Why there is no stream, as HTTP says it. */
export class StreamError extends CodedError {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: string,
    message: string,
    hint: string,
    headers: Record<string, string> = {},
  ) {
    super(code, message, hint);
    this.status = status;
    this.headers = headers;
  }
}

const RETRY_SECONDS = "2";

/** `problem`: why there is no media, for people. */
export function notYet(problem = "The channel has no media yet."): StreamError {
  const hint = `Try again in ${RETRY_SECONDS} seconds.`;
  return new StreamError(503, "channel-not-ready", problem, hint, { "Retry-After": RETRY_SECONDS });
}

export function renditionsApart(name: string): StreamError {
  return new StreamError(
    404,
    "renditions-apart",
    "Picture and sound of this channel come apart, and not as fragmented MP4 of one track each.",
    `Play /live/${name}/index.m3u8 instead.`,
  );
}

export function resumeGone(): StreamError {
  return new StreamError(
    410,
    "resume-gone",
    "The place where this listener left off is not held any more.",
    "Begin anew, without the token.",
  );
}
