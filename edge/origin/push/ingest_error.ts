import { CodedError } from "../../media/coded_error.ts";
import { errorResponse } from "../error_response.ts";

/** What is wrong with what a source sends; `status` is what HTTP calls it. */
export class IngestError extends CodedError {
  readonly status: number;

  constructor(status: number, code: string, message: string, hint: string) {
    super(code, message, hint);
    this.status = status;
  }

  toResponse(headers: Record<string, string> = {}): Response {
    const { status, code, message, hint } = this;
    return errorResponse(status, { code, message, hint }, headers);
  }
}
