/** The studio: from a camera, a screen or a file to a channel of this edge. */
import { formatBytes, formatCount, formatRate } from "../panel/format.ts";
import { fetchOwnChannel } from "../site/channels.ts";
import { setUpCopyButtons } from "../site/copy_buttons.ts";
import { pollWhileVisible } from "../site/poll.ts";
import { type Broadcast, startBroadcast } from "./broadcast.ts";
import { part } from "./part.ts";
import { QUALITIES, type Quality, type QualityName } from "./quality.ts";
import { recall, remember, studioUser } from "./remembered.ts";
import { setUpStage } from "./stage.ts";
import { browserTrouble, clockText, type Notice, sendingNote } from "./words.ts";

const AUDIENCE_MS = 5_000;
const DRAW_MS = 500;

const form = part<HTMLFormElement>("form");
const channel = part<HTMLInputElement>("channel");
const key = part<HTMLInputElement>("key");
const kept = part<HTMLInputElement>("remember");

let broadcast: Broadcast | undefined;
/** When the channel went on air, ms of `performance.now()`. */
let sinceMs: number | undefined;
const unable = browserTrouble({
  secure: isSecureContext,
  encodes: "VideoEncoder" in self && "AudioEncoder" in self,
});

const stage = setUpStage({
  lines: chosenQuality().picture?.lines,
  notify,
  changed: show,
  ended: () => void stop(),
});

function notify(notice: Notice | undefined, takesOver = false): void {
  part("notice").hidden = !notice;
  part("notice-title").textContent = notice?.title ?? "";
  part("notice-advice").textContent = notice?.advice ?? "";
  part("take-over").hidden = !takesOver;
}

function chosenQuality(): Quality {
  return QUALITIES[new FormData(form).get("quality") as QualityName];
}

function show(): void {
  const { state } = broadcast?.status() ?? { state: "ended" };
  form.hidden = broadcast !== undefined;
  part("on-air").hidden = !broadcast;
  part("heading").textContent = broadcast ? channel.value : "Go on air";
  stage.lock(broadcast !== undefined || unable !== undefined);
  const badge = part("badge");
  const [look, words] = {
    starting: ["starting", "Starting"],
    "on-air": ["on-air", "On air"],
    "cut-off": ["upstream-down", "Interrupted"],
    refused: ["off-air", "Off air"],
    ended: ["off-air", "Off air"],
  }[state] as [string, string];
  badge.dataset["state"] = look;
  badge.textContent = words;
  part<HTMLButtonElement>("go").disabled = !stage.source || unable !== undefined;
  part("missing").textContent = stage.source || unable ? "" : "Choose a source first.";
}

/** The clock and the figures. */
function draw(): void {
  if (!broadcast) return;
  const status = broadcast.status();
  part("clock").textContent = clockText(
    sinceMs === undefined ? 0 : performance.now() - sinceMs,
  );
  part("upstream").textContent = formatRate(status.bytesPerSecond);
  part("sent").textContent = formatBytes(status.bytes);
  const note = sendingNote(status);
  // Said again, it would be read out again.
  if (part("note").textContent !== note) part("note").textContent = note;
}

function changed(): void {
  const status = broadcast?.status();
  if (status?.state === "on-air") sinceMs ??= performance.now();
  if (status?.state === "refused") {
    const { code, message, hint, status: answer } = status.refusal!;
    if (code === "channel-on-air") {
      sinceMs = undefined;
      notify({
        title: "Somebody else is on air here",
        advice: "Choose another channel, wait, " +
          "or take over: then they are off, and you are on.",
      }, true);
    } else {
      void stop();
      notify(
        answer === 401
          ? {
            title: "This is not the key of the channel",
            advice: "Look at it again: it is what " +
              "the edge was given with --ingest.",
          }
          : { title: message, advice: hint },
      );
      if (answer === 401) key.select();
    }
  }
  show();
  draw();
}

function goOnAir(): void {
  const { source } = stage;
  if (!source || broadcast) return;
  remember(kept.checked ? { channel: channel.value, key: key.value } : undefined);
  notify(undefined);
  sinceMs = undefined;
  broadcast = startBroadcast({
    address: { channel: channel.value, key: key.value, user: studioUser() },
    stream: source.stream,
    quality: chosenQuality(),
    changed,
    failed(error) {
      void stop();
      notify({
        title: "This browser stopped encoding",
        advice: `Choose another quality or another browser. (${(error as Error).message})`,
      });
    },
  });
  showAddress(`/watch/${channel.value}`);
  part("note").textContent = "";
  show();
  draw();
  part("stop").focus();
  lookAgain();
}

async function stop(): Promise<void> {
  const ending = broadcast;
  if (!ending) return;
  broadcast = undefined;
  notify(undefined);
  show();
  part("air").focus();
  await ending.stop();
}

/** Where it can be watched. */
function showAddress(path: string): void {
  const address = new URL(path, location.href).href;
  part<HTMLInputElement>("watch-address").value = address;
  part<HTMLAnchorElement>("watch-link").href = address;
}

async function tellAudience(): Promise<number> {
  if (!broadcast) return AUDIENCE_MS;
  const told = await fetchOwnChannel(channel.value, key.value).catch(() => undefined);
  if (!told) return AUDIENCE_MS;
  part("viewers").textContent = formatCount(told.viewers);
  // That of a private channel has a key of its own in it.
  if (told.watch !== undefined) showAddress(told.watch);
  return AUDIENCE_MS;
}

/** `/studio#cam` names the channel; what was remembered fills the rest. */
function fillIn(): void {
  const remembered = recall();
  const named = location.hash.slice(1);
  channel.value = named || remembered?.channel || "";
  if (remembered && channel.value === remembered.channel) key.value = remembered.key;
  kept.checked = remembered !== undefined;
}

setUpCopyButtons();
fillIn();
if (unable) notify(unable);
show();
const lookAgain = pollWhileVisible(tellAudience);
setInterval(draw, DRAW_MS);
form.addEventListener("change", () => stage.setLines(chosenQuality().picture?.lines));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  goOnAir();
});
part("stop").addEventListener("click", stop);
part("take-over").addEventListener("click", () => {
  notify(undefined);
  broadcast?.takeOver();
});
kept.addEventListener("change", () => {
  if (!kept.checked) remember();
});
self.addEventListener("beforeunload", (event) => {
  if (broadcast) event.preventDefault();
});
self.addEventListener("pagehide", () => broadcast?.leave());
