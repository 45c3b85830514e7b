/** How long a button says what it did, ms. */
const SAID_MS = 2_000;

/**
 * Makes every `<button data-copies="ID">` copy the value or text of that element. What happened is
 * written on the button and into `#said`, for screen readers.
 */
export function setUpCopyButtons(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copies]")) {
    const source = document.getElementById(button.dataset["copies"] ?? "");
    const words = button.textContent;
    let timer: ReturnType<typeof setTimeout> | undefined;
    button.addEventListener("click", async () => {
      if (!source) return;
      const said = await copy(source) ? "Copied" : "Selected";
      button.textContent = said;
      document.getElementById("said")!.textContent = said;
      clearTimeout(timer);
      timer = setTimeout(() => {
        button.textContent = words;
        document.getElementById("said")!.textContent = "";
      }, SAID_MS);
    });
  }
}

/** Where the clipboard cannot be had, such as on plain HTTP in a home network, selects instead. */
async function copy(source: HTMLElement): Promise<boolean> {
  const text = source instanceof HTMLInputElement ? source.value : source.textContent;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (source instanceof HTMLInputElement) source.select();
    else getSelection()?.selectAllChildren(source);
    return false;
  }
}
