import { CodedError } from "../../media/coded_error.ts";

/** Something is wrong with what a schedule says. */
export class ScheduleError extends CodedError {
  constructor(message: string, hint: string) {
    super("schedule-malformed", message, hint);
  }
}
