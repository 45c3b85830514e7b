/** The portal: the list that the edge has written, kept up to date while somebody looks, and searched while they type. */
import { playingText, stateWord, topicsText } from "../../edge/protocol/channel_words.ts";
import { type ChannelSummary, detailText, factsText, fetchChannels } from "./channels.ts";
import { setUpCopyButtons } from "./copy_buttons.ts";
import { pollWhileVisible } from "./poll.ts";
import { showStill } from "./stills.ts";

const REFRESH_MS = 10_000;
const AWAY_MS = 3_000;
/** After a key is pressed, ms: less than a pause for thought, more than between two keys. */
const TYPING_MS = 250;

const part = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const list = part("list");
const template = part<HTMLTemplateElement>("channel");
const search = part<HTMLFormElement>("search");
/** Cards by channel name: they are changed in place, so that focus stays where it is. */
const cards = new Map<string, HTMLElement>();

/** What the form asks for, as in the portal's address: empty, or from the question mark on. */
function query(): string {
  const fields = [...new FormData(search)].flatMap(([name, value]) =>
    typeof value === "string" && value.trim() ? [[name, value.trim()]] : []
  );
  return fields.length === 0 ? "" : `?${new URLSearchParams(fields)}`;
}

function createCard(name: string): HTMLElement {
  const card = (template.content.cloneNode(true) as DocumentFragment)
    .firstElementChild as HTMLElement;
  card.dataset["channel"] = name;
  card.querySelector("img")!.src = `/live/${name}/poster`;
  card.querySelector("a")!.href = `/watch/${name}`;
  return card;
}

function keepCard(card: HTMLElement): HTMLElement {
  const picture = card.querySelector("img")!;
  picture.addEventListener("error", () => picture.hidden = true);
  cards.set(card.dataset["channel"]!, card);
  return card;
}

function fillCard(card: HTMLElement, channel: ChannelSummary): void {
  const badge = card.querySelector<HTMLElement>(".badge")!;
  badge.dataset["state"] = channel.state;
  badge.textContent = stateWord(channel.state);
  const write = (where: string, text: string) => card.querySelector(where)!.textContent = text;
  write(".name", channel.title);
  write(".facts", factsText(channel, Date.now()));
  write(".playing-text", playingText(channel));
  write(".topics-text", topicsText(channel));
  write(".about-text", channel.description ?? "");
  write(".detail", detailText(channel));
  showStill(card.querySelector(".picture")!, channel.still, Date.now());
}

function show(channels: readonly ChannelSummary[], narrowed: boolean): void {
  const names = new Set(channels.map((channel) => channel.name));
  for (const [name, card] of cards) {
    if (names.has(name)) continue;
    card.remove();
    cards.delete(name);
  }
  channels.forEach((channel, index) => {
    const card = cards.get(channel.name) ?? keepCard(createCard(channel.name));
    fillCard(card, channel);
    if (list.children[index] !== card) list.insertBefore(card, list.children[index] ?? null);
  });
  const onAir = channels.filter((channel) => channel.state === "on-air").length;
  showOnly(channels.length > 0 ? undefined : narrowed ? "nothing" : "none");
  part("tally").textContent = channels.length === 0 ? "" : `${onAir} of ${channels.length} live`;
}

/** Of what is said instead of a list. */
function showOnly(id: "nothing" | "none" | undefined): void {
  for (const one of ["nothing", "none"]) part(one).classList.toggle("absent", one !== id);
}

async function refresh(): Promise<number> {
  const asked = query();
  try {
    const channels = await fetchChannels(asked);
    // Somebody who has typed on waits for another answer.
    if (asked !== query()) return 0;
    show(channels, asked !== "");
    part("away").hidden = true;
    list.classList.remove("stale");
    return REFRESH_MS;
  } catch {
    part("away").hidden = false;
    showOnly(undefined);
    part("tally").textContent = "";
    list.classList.add("stale");
    return AWAY_MS;
  }
}

for (const card of list.querySelectorAll<HTMLElement>("[data-channel]")) keepCard(card);
setUpCopyButtons();
const lookAgain = pollWhileVisible(refresh);

let typing: ReturnType<typeof setTimeout> | undefined;
function searchNow(): void {
  clearTimeout(typing);
  history.replaceState(null, "", `/${query()}`);
  lookAgain();
}
search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(searchNow, TYPING_MS);
});
search.addEventListener("submit", (event) => {
  event.preventDefault();
  searchNow();
});
