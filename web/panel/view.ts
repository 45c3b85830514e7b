import type { TributaryStats } from "../api.ts";
import { createChart } from "./chart.ts";
import { formatBytes, formatCount, formatRate, formatSeconds, formatShare } from "./format.ts";
import type { RatePoint } from "./history.ts";
import css from "./panel.css" with { type: "text" };
import html from "./panel.html" with { type: "text" };
import { capChoices, capOf, choiceOf, defaultWords } from "./upload_cap.ts";
import { chartSummary, emptyReason, type PanelState, stateWord, uploadNote } from "./words.ts";

/** The panel's insides, below a shadow root. */
export interface View {
  /** Before there is anything to show. */
  showEmpty(state: "waiting" | "absent"): void;
  show(stats: TributaryStats, rates: readonly RatePoint[], nowMs: number): void;
  destroy(): void;
}

const SOURCES = ["peers", "cache", "edge", "uploaded"] as const;

/** Fills an empty shadow root, or one filled by an earlier view. */
export function createView(root: ShadowRoot): View {
  // A constructed sheet needs no `style-src 'unsafe-inline'` of the site.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  root.innerHTML = html;

  const part = <T extends HTMLElement>(id: string) => root.getElementById(id) as T;
  const chartBox = part("chart");
  const upload = part<HTMLInputElement>("upload");
  const cap = part<HTMLSelectElement>("cap");
  const chart = createChart(chartBox);

  cap.append(...capChoices.map(({ value, words }) => new Option(words, value)));
  upload.addEventListener("change", () => globalThis.tributary?.setUpload(upload.checked));
  cap.addEventListener("change", () => globalThis.tributary?.setUploadCap(capOf(cap.value)));

  /** Only changes are written, so that screen readers hear changes only. */
  const write = (id: string, text: string) => {
    const element = part(id);
    if (element.textContent !== text) element.textContent = text;
  };
  const writeState = (state: PanelState, reason: string) => {
    part("state").dataset["state"] = state;
    write("state", stateWord(state));
    write("reason", reason);
  };
  const writeChart = (rates: readonly RatePoint[], nowMs: number) => {
    chart.draw(rates, nowMs);
    chartBox.setAttribute("aria-label", chartSummary(rates.at(-1)));
  };
  const writeUpload = (stats: TributaryStats) => {
    upload.disabled = false;
    upload.checked = stats.upload.on;
    cap.disabled = !stats.upload.on;
    write("upload-note", uploadNote(stats));
    // A list that is open, or being stepped through by keys, is left alone.
    if (root.activeElement === cap) return;
    cap.value = choiceOf(stats.upload.capBytesPerSecond);
    cap.options[0]!.text = defaultWords(stats.upload.capBytesPerSecond);
  };

  return {
    showEmpty(state) {
      writeState(state, emptyReason(state));
      writeChart([], 0);
    },
    show(stats, rates, nowMs) {
      writeState(stats.state, stats.reason);
      write("offload", formatShare(stats.offload));
      write("partners", formatCount(stats.peers));
      write("buffer", formatSeconds(stats.bufferSeconds));
      for (const source of SOURCES) {
        write(`${source}-total`, formatBytes(stats.bytes[source]));
        write(`${source}-rate`, formatRate(rates.at(-1)?.[source] ?? 0));
      }
      writeChart(rates, nowMs);
      writeUpload(stats);
    },
    destroy: () => chart.destroy(),
  };
}
