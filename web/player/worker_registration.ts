/** How the service worker of this page is doing. */
export interface WorkerState {
  /** It answers this page's requests. */
  controlled(): boolean;
  /** It was active before this page loaded and yet does not control it: a hard reload. */
  bypassed(): boolean;
  /** It controlled this page already when that had asked for its first media. */
  controlledFirst(): boolean;
  /** Why it could not be registered. */
  error(): string | undefined;
}

/**
 * Registers the worker file at the path `worker` and keeps it up to date. Nothing waits for it: a
 * first visit plays from the edge meanwhile, and on later ones the worker is in charge already.
 */
export function registerWorker(worker: string): WorkerState {
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  const controlledFirst = container?.controller != null;
  let bypassed = false;
  let error: string | undefined;

  async function register(container: ServiceWorkerContainer): Promise<void> {
    const before = await container.getRegistration();
    bypassed = before?.active != null && container.controller === null;
    const { Workbox } = await import("workbox-window");
    await new Workbox(worker).register();
  }
  if (container) {
    register(container).catch((reason: unknown) => {
      error = reason instanceof Error ? reason.message : String(reason);
    });
  }
  return {
    controlled: () => container?.controller != null,
    bypassed: () => bypassed && container?.controller == null,
    controlledFirst: () => controlledFirst,
    error: () => error,
  };
}
