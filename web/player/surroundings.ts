import { isMetered } from "./conduct.ts";
import type { Findings } from "./diagnosis.ts";
import type { WorkerState } from "./worker_registration.ts";

/** What of a diagnosis the browser and the worker decide, whatever is played. */
export function surroundings(
  worker: WorkerState,
): Pick<
  Findings,
  "secure" | "hasWorkers" | "workerError" | "controlled" | "bypassed" | "hasWebRtc" | "metered"
> {
  return {
    secure: isSecureContext,
    hasWorkers: navigator.serviceWorker !== undefined,
    workerError: worker.error(),
    controlled: worker.controlled(),
    bypassed: worker.bypassed(),
    hasWebRtc: globalThis.RTCPeerConnection !== undefined,
    metered: isMetered(navigator),
  };
}
