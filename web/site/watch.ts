/** The watch page around the video: addresses, state, audience, and what to do when it does not play. */
import { PLAYLIST_TYPE } from "../../edge/media/media_types.ts";
import type { ChannelState } from "../../edge/protocol/channel.ts";
import type { TributaryStats } from "../api.ts";
import { playingText, stateWord, viewersText } from "../../edge/protocol/channel_words.ts";
import { type ChannelSummary, detailText, fetchChannel } from "./channels.ts";
import { setUpCopyButtons } from "./copy_buttons.ts";
import { pollWhileVisible } from "./poll.ts";
import { describeTrouble } from "./trouble.ts";

const REFRESH_MS = 10_000;
const TROUBLED_REFRESH_MS = 3_000;

const name = document.body.dataset["channel"]!;
const part = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const video = part<HTMLVideoElement>("player");
const trouble = part("trouble");
const sound = part<HTMLButtonElement>("sound");

let channel: ChannelSummary | undefined;

function showState(state: ChannelState | "unknown"): void {
  const badge = part("badge");
  badge.dataset["state"] = state;
  badge.textContent = state === "unknown" ? "No answer" : stateWord(state);
}

function showChannel(): void {
  if (!channel) {
    showState("unknown");
    part("viewers").textContent = "";
    part("detail").textContent = "The edge does not answer just now; " +
      "the picture goes on by itself as soon as it does.";
    return;
  }
  showState(channel.state);
  // What starts when somebody watches is starting.
  part("detail").textContent = channel.state === "idle" ? "" : detailText(channel);
  part("playing").textContent = playingText(channel);
  showViewers(channel.viewers);
}

function showViewers(viewers: number): void {
  part("viewers").textContent = viewersText(viewers);
}

function showTrouble(): void {
  if (!video.error) return;
  const { title, advice } = describeTrouble({
    code: video.error.code,
    state: channel?.state,
    lacksHls: /\.m3u8(#|$)/.test(video.src) && video.canPlayType(PLAYLIST_TYPE) === "",
  });
  part("trouble-title").textContent = title;
  part("trouble-advice").textContent = advice;
  trouble.hidden = false;
}

/** Browsers start by themselves what is muted only. */
function offerSound(): void {
  sound.hidden = !video.muted || video.error !== null;
}

function turnOnSound(): void {
  video.muted = false;
  // The button goes: the focus would be lost with it.
  video.focus();
}

function retry(): void {
  trouble.hidden = true;
  video.load();
  // A browser that refuses to start by itself leaves that to the element's own button.
  video.play().catch(() => {});
}

/** Another kind of source has come on air than the page was made for. */
function isOther({ media }: ChannelSummary): boolean {
  return new URL(video.src).pathname !== media;
}

/** The tag brings the video back when the edge was away, but knows nothing of channels off air. */
function tagRecovers(before: ChannelState | undefined): boolean {
  return before === undefined && globalThis.tributary !== undefined;
}

async function refresh(): Promise<number> {
  const before = channel?.state;
  channel = await fetchChannel(name).catch(() => undefined);
  showChannel();
  if (!video.error) return channel ? REFRESH_MS : TROUBLED_REFRESH_MS;
  if (channel?.state !== "on-air") showTrouble();
  else if (isOther(channel)) location.reload();
  else if (before !== "on-air" && !tagRecovers(before)) retry();
  else showTrouble();
  return TROUBLED_REFRESH_MS;
}

for (const input of document.querySelectorAll<HTMLInputElement>("input[data-address]")) {
  input.value = new URL(input.value, location.origin).href;
}
for (const code of document.querySelectorAll("[data-origin-in-text]")) {
  code.textContent = code.textContent.replaceAll("ORIGIN", location.origin);
}
setUpCopyButtons();
showState(part("badge").dataset["state"] as ChannelState);
video.addEventListener("loadeddata", () => trouble.hidden = true);
video.addEventListener("tributary:stats", (event) => {
  if (channel) showViewers((event as CustomEvent<TributaryStats>).detail.viewers);
});
for (const event of ["playing", "volumechange", "error"]) video.addEventListener(event, offerSound);
sound.addEventListener("click", turnOnSound);
part("retry").addEventListener("click", retry);
const lookAgain = pollWhileVisible(refresh);
// What was heard of the channel last may be ten seconds old, and it is blamed first.
video.addEventListener("error", lookAgain);
