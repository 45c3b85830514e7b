/**
 * Runs `task` at once and then again and again while the page is visible, `task` telling how many
 * ms after its end; and whenever the page comes back into view, or what it answers is called. `task`
 * must not reject.
 */
export function pollWhileVisible(task: () => Promise<number>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;

  const run = async () => {
    clearTimeout(timer);
    if (running || document.hidden) return;
    running = true;
    const pauseMs = await task();
    running = false;
    timer = setTimeout(run, pauseMs);
  };
  document.addEventListener("visibilitychange", run);
  self.addEventListener("online", run);
  run();
  return run;
}
