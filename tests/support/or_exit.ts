import { CodedError } from "../../edge/media/coded_error.ts";

/** What `attempt` answers; for a coded error the process says it and ends with 2. */
export function orExit<T>(attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    console.error(`${error.code}: ${error.message} ${error.hint}`);
    Deno.exit(2);
  }
}
