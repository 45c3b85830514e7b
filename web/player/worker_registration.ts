import { Workbox } from "workbox-window";

/** How the service worker of this page is doing. */
export interface WorkerState {
  /** It answers this page's requests. */
  controlled(): boolean;
  /** It was active before this page loaded and yet does not control it: a hard reload. */
  bypassed(): boolean;
  /** Why it could not be registered. */
  error(): string | undefined;
}

/** Registers the worker and keeps it up to date. Where there are no workers, nothing happens. */
export function registerWorker(url: string): WorkerState {
  const container = navigator.serviceWorker;
  let bypassed = false;
  let error: string | undefined;

  async function register(): Promise<void> {
    const before = await container.getRegistration();
    bypassed = before?.active != null && container.controller === null;
    await new Workbox(url).register({ immediate: true });
  }
  if (container) {
    register().catch((reason: unknown) => {
      error = reason instanceof Error ? reason.message : String(reason);
    });
  }
  return {
    controlled: () => container?.controller != null,
    bypassed: () => bypassed && container.controller === null,
    error: () => error,
  };
}
