import type { Item } from "./schedule.ts";

/** What people are told that is on: its title, or else the name of its file. */
export function itemTitle({ title, url }: Item): string {
  if (title !== undefined) return title;
  const name = new URL(url).pathname.replace(/^.*\//, "").replace(/\.\w+$/, "");
  try {
    return decodeURIComponent(name).replaceAll(/[_\p{Cc}]+/gu, " ").trim();
  } catch {
    return name;
  }
}
