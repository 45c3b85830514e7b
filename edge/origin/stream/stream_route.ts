import type { ChangeSignal } from "../../media/stream/change_signal.ts";
import {
  answerStream,
  isReady,
  mayBeOne,
  type StreamServed,
} from "../../media/stream/stream_answer.ts";
import { StreamError } from "../../media/stream/stream_error.ts";
import type { Platform } from "../../platform/platform.ts";
import { errorResponse } from "../error_response.ts";
import { pause } from "../pause.ts";

/** How long who comes too early is kept waiting, ms. */
const PATIENCE_MS = 8_000;

/** Answers GET and HEAD of the endless stream. */
export function createStreamRoute(
  served: StreamServed,
  { platform, changes }: { platform: Platform; changes: ChangeSignal },
): (request: Request) => Promise<Response> {
  /** Gives a source that has just begun some time to have something to play. */
  async function awaitMedia(): Promise<void> {
    const waiting = new AbortController();
    let patient = true;
    const patience = pause(platform, PATIENCE_MS, waiting.signal)
      .then(() => void (patient = false));
    while (patient && !served.ended() && !isReady(served)) {
      const description = served.description();
      if (description && !mayBeOne(description)) break;
      await Promise.race([changes.next(), patience]);
    }
    waiting.abort();
  }

  return async (request) => {
    await awaitMedia();
    try {
      return await answerStream(request, served);
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      const { status, code, message, hint, headers } = error;
      return errorResponse(status, { code, message, hint }, headers);
    }
  };
}
