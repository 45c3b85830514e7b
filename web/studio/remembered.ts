/** What the browser keeps for the next visit, if somebody wants it to. */
import * as v from "valibot";

const NAME = "tributary-studio";
const USER = "tributary-studio-user";

const Remembered = v.object({ channel: v.string(), key: v.string() });
export type Remembered = v.InferOutput<typeof Remembered>;

export function recall(): Remembered | undefined {
  try {
    return v.parse(Remembered, JSON.parse(localStorage.getItem(NAME) ?? ""));
  } catch {
    return undefined;
  }
}

/** Nothing is kept without an argument. */
export function remember(what?: Remembered): void {
  try {
    if (what) localStorage.setItem(NAME, JSON.stringify(what));
    else localStorage.removeItem(NAME);
  } catch {
    // A browser that keeps nothing forgets this too.
  }
}

/** The name of this tab's studio as a source; the same after a reload, so that it takes its own place again. */
export function studioUser(): string {
  const fresh = `studio-${crypto.randomUUID().slice(0, 8)}`;
  try {
    const user = sessionStorage.getItem(USER) ?? fresh;
    sessionStorage.setItem(USER, user);
    return user;
  } catch {
    return fresh;
  }
}
