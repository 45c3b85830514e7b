/** The portal: what is on this edge, kept up to date while somebody looks. */
import {
  type ChannelSummary,
  detailText,
  factsText,
  fetchChannels,
  inOrder,
  stateWord,
} from "./channels.ts";
import { setUpCopyButtons } from "./copy_buttons.ts";
import { pollWhileVisible } from "./poll.ts";

const REFRESH_MS = 10_000;
const AWAY_MS = 3_000;

const part = (id: string) => document.getElementById(id)!;
const list = part("list");
const template = part("channel") as HTMLTemplateElement;
/** Cards by channel name: they are changed in place, so that focus stays where it is. */
const cards = new Map<string, HTMLElement>();

function createCard(name: string): HTMLElement {
  const card = (template.content.cloneNode(true) as DocumentFragment)
    .firstElementChild as HTMLElement;
  const picture = card.querySelector("img")!;
  picture.addEventListener("error", () => picture.hidden = true);
  picture.src = `/live/${name}/poster`;
  card.querySelector("a")!.href = `/watch/${name}`;
  return card;
}

function fillCard(card: HTMLElement, channel: ChannelSummary): void {
  const badge = card.querySelector<HTMLElement>(".badge")!;
  badge.dataset["state"] = channel.state;
  badge.textContent = stateWord(channel.state);
  card.querySelector(".name")!.textContent = channel.title;
  card.querySelector(".facts")!.textContent = factsText(channel, Date.now());
  card.querySelector(".detail")!.textContent = detailText(channel);
}

function show(channels: readonly ChannelSummary[]): void {
  const names = new Set(channels.map((channel) => channel.name));
  for (const [name, card] of cards) {
    if (names.has(name)) continue;
    card.remove();
    cards.delete(name);
  }
  inOrder(channels).forEach((channel, index) => {
    const card = cards.get(channel.name) ?? createCard(channel.name);
    cards.set(channel.name, card);
    fillCard(card, channel);
    if (list.children[index] !== card) list.insertBefore(card, list.children[index] ?? null);
  });
  list.classList.toggle("single", channels.length === 1);
  const onAir = channels.filter((channel) => channel.state === "on-air").length;
  part("tally").textContent = channels.length === 0 ? "" : `${onAir} of ${channels.length} live`;
  part("none").hidden = channels.length > 0;
}

async function refresh(): Promise<number> {
  try {
    show(await fetchChannels());
    part("away").hidden = true;
    list.classList.remove("stale");
    return REFRESH_MS;
  } catch {
    part("away").hidden = false;
    part("none").hidden = true;
    part("tally").textContent = "";
    list.classList.add("stale");
    return AWAY_MS;
  } finally {
    list.removeAttribute("aria-busy");
  }
}

setUpCopyButtons();
pollWhileVisible(refresh);
