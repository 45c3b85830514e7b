import { type LevelMeter, openLevelMeter } from "./level_meter.ts";
import { part } from "./part.ts";
import { openCamera, openFile, openScreen, type Source, type SourceKind } from "./sources.ts";
import { type Notice, SOURCE_ENDED, sourceTrouble } from "./words.ts";

/** The left side of the page: the source, its preview, its level. */
export interface Stage {
  readonly source: Source | undefined;
  /** While on air nothing is changed here. */
  lock(locked: boolean): void;
  /** A picture of so many lines is sent, or only sound. */
  setLines(wanted: number | undefined): void;
}

const BUTTONS: Readonly<Record<SourceKind, string>> = {
  camera: "camera",
  screen: "display",
  file: "file",
};
/** How often the level is told to those who do not see it, ms. */
const TOLD_MS = 1_000;

export function setUpStage({ lines, notify, changed, ended }: {
  /** Of the picture that is sent. */
  lines: number | undefined;
  notify: (notice: Notice | undefined) => void;
  /** Another source, or none. */
  changed: () => void;
  /** The source is at its end, or has been taken away. */
  ended: () => void;
}): Stage {
  let source: Source | undefined;
  let meter: LevelMeter | undefined;
  let opening = 0;

  function show(next: Source | undefined): void {
    source?.preview.remove();
    source?.stop();
    meter?.close();
    source = next;
    meter = source && openLevelMeter(source.stream);
    if (source) part("screen").prepend(source.preview);
    describe();
    changed();
  }

  function describe(): void {
    const seen = source !== undefined && source.stream.getVideoTracks().length > 0;
    part("empty").hidden = seen && lines !== undefined;
    part("empty-title").textContent = source ? "Sound only" : "Nothing is seen yet";
    part("empty-text").textContent = source
      ? "No picture is sent."
      : "Choose a source. Nobody else sees it before you go on air.";
    part("level").hidden = meter === undefined;
    part("camera").textContent = lines === undefined ? "Microphone" : "Camera";
    part("devices").hidden = source?.kind !== "camera";
    part("cameras").parentElement!.hidden = !seen;
    part("loops-label").hidden = source?.kind !== "file";
    for (const [kind, id] of Object.entries(BUTTONS)) {
      part(id).setAttribute("aria-pressed", String(source?.kind === kind));
    }
  }

  /** Opens a source in the place of the one before; the last one that was asked for wins. */
  async function open(kind: SourceKind, attempt: (lost: () => void) => Promise<Source>) {
    const mine = ++opening;
    notify(undefined);
    let opened: Source | undefined;
    try {
      opened = await attempt(() => {
        if (source !== opened) return;
        ended();
        show(undefined);
        notify(SOURCE_ENDED);
      });
      if (mine !== opening) return opened.stop();
      show(opened);
      if (kind === "camera") await listDevices();
    } catch (error) {
      if (mine === opening) {
        notify(sourceTrouble((error as Error).name, kind, lines !== undefined));
      }
    }
  }

  const camera = () =>
    open("camera", (lost) =>
      openCamera(
        { camera: selected("cameras"), microphone: selected("microphones") },
        lines,
        lost,
      ));

  async function listDevices(): Promise<void> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const used = source?.stream.getTracks().map((track) => track.getSettings().deviceId);
    for (const [id, kind] of [["cameras", "videoinput"], ["microphones", "audioinput"]] as const) {
      const found = devices.filter((device) => device.kind === kind);
      part<HTMLSelectElement>(id).replaceChildren(
        ...found.map(({ deviceId, label }, at) =>
          new Option(label || `No. ${at + 1}`, deviceId, false, used?.includes(deviceId))
        ),
      );
    }
  }

  const chosenFile = part<HTMLInputElement>("chosen-file");
  const loops = part<HTMLInputElement>("loops");
  part("camera").addEventListener("click", camera);
  part("cameras").addEventListener("change", camera);
  part("microphones").addEventListener("change", camera);
  // Phones have none.
  part("display").hidden = navigator.mediaDevices && !("getDisplayMedia" in navigator.mediaDevices);
  part("display").addEventListener("click", () => open("screen", openScreen));
  part("file").addEventListener("click", () => chosenFile.click());
  chosenFile.addEventListener("change", () => {
    const [file] = chosenFile.files ?? [];
    if (file) open("file", (lost) => openFile(file, loops.checked, lost));
    // The same file may be chosen again.
    chosenFile.value = "";
  });
  loops.addEventListener("change", () => {
    if (source?.kind === "file") source.preview.loop = loops.checked;
  });

  let toldMs = 0;
  const draw = (nowMs: number) => {
    if (meter) {
      const level = meter.read();
      const scale = part("level-meter");
      (scale.firstElementChild as HTMLElement).style.transform = `scaleX(${1 - level})`;
      if (nowMs - toldMs > TOLD_MS) {
        toldMs = nowMs;
        scale.setAttribute("aria-valuenow", String(Math.round(100 * level)));
      }
    }
    requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);

  return {
    get source() {
      return source;
    },
    lock(locked) {
      // What is still being opened must not take the place of what is on air.
      if (locked) opening++;
      const controls = part("sources").querySelectorAll("button");
      const selects = part("devices").querySelectorAll("select");
      for (const control of [...controls, ...selects]) control.disabled = locked;
    },
    setLines(wanted) {
      if (lines === wanted) return;
      lines = wanted;
      describe();
      if (source?.kind === "camera") void camera();
    },
  };
}

function selected(id: string): string {
  return part<HTMLSelectElement>(id).value;
}
