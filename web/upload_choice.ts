/** The viewer's own choice on uploads, remembered for this site. */
export interface UploadChoice {
  readonly on: boolean;
  /** bytes/s */
  readonly cap: number | undefined;
}

const KEY = "tributary:upload";

/** The choice made earlier; on and uncapped by the viewer where there is none, or no storage. */
export function loadUploadChoice(): UploadChoice {
  try {
    const { on, cap } = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<UploadChoice>;
    return { on: on !== false, cap: typeof cap === "number" && cap >= 0 ? cap : undefined };
  } catch {
    return { on: true, cap: undefined };
  }
}

export function saveUploadChoice(choice: UploadChoice): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    // No storage (private mode, blocked): the choice holds until the page goes.
  }
}
