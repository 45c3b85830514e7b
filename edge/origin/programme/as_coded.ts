import { CodedError } from "../../media/coded_error.ts";

/** Whatever went wrong, as something to tell people. */
export function asCoded(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  return new CodedError("programme-failed", `${error}.`, "This is a fault of the edge: report it.");
}
