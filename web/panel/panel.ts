/**
 * `<tributary-panel for="VIDEO_ID">`: what Tributary does for one media element, live, with the
 * viewer's upload switch. Without `for` it stands for the first media element of the page.
 */
import type { TributaryStats } from "../api.ts";
import { addSample, type History, ratePoints } from "./history.ts";
import { createView, type View } from "./view.ts";

/** How often it is looked whether there are figures without an event, ms. */
const LOOK_MS = 1_000;
/** An element whose events stay away for longer is asked, ms. */
const SILENT_MS = 1_500;
/** How long a page may take to load the tag before it counts as absent, ms. */
const ABSENT_MS = 8_000;

class TributaryPanel extends HTMLElement {
  static readonly observedAttributes = ["for"];

  #view: View | undefined;
  #media: HTMLMediaElement | undefined;
  #history: History = [];
  #connectedAt = 0;
  #heardAt = -Infinity;
  #timer: ReturnType<typeof setInterval> | undefined;

  connectedCallback(): void {
    this.#view = createView(this.shadowRoot ?? this.attachShadow({ mode: "open" }));
    this.#connectedAt = performance.now();
    this.#timer = setInterval(this.#look, LOOK_MS);
    this.#look();
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
    this.#listenTo(undefined);
    this.#view?.destroy();
    this.#view = undefined;
  }

  attributeChangedCallback(): void {
    if (!this.#view) return;
    this.#history = [];
    this.#look();
  }

  /** The element may come later than the panel, or be replaced. */
  #look = (): void => {
    this.#listenTo(this.#findMedia());
    const now = performance.now();
    if (now - this.#heardAt < SILENT_MS) return;
    if (globalThis.tributary) this.#show(globalThis.tributary.stats());
    else if (this.#history.length === 0) {
      this.#view?.showEmpty(now - this.#connectedAt < ABSENT_MS ? "waiting" : "absent");
    }
  };

  #findMedia(): HTMLMediaElement | undefined {
    const id = this.getAttribute("for");
    const named = id === null ? null : document.getElementById(id);
    if (named instanceof HTMLMediaElement) return named;
    return document.querySelector<HTMLMediaElement>("video, audio") ?? undefined;
  }

  #listenTo(media: HTMLMediaElement | undefined): void {
    if (media === this.#media) return;
    this.#media?.removeEventListener("tributary:stats", this.#hear);
    media?.addEventListener("tributary:stats", this.#hear);
    this.#media = media;
  }

  #hear = (event: Event): void => {
    this.#heardAt = performance.now();
    this.#show((event as CustomEvent<TributaryStats>).detail);
  };

  #show(stats: TributaryStats): void {
    const now = performance.now();
    this.#history = addSample(this.#history, now, stats.bytes);
    this.#view?.show(stats, ratePoints(this.#history), now);
  }
}

if (!customElements.get("tributary-panel")) {
  customElements.define("tributary-panel", TributaryPanel);
}
