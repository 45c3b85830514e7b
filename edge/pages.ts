import { html } from "hono/html";
import type { Platform } from "./platform/platform.ts";

/** A part of a page; a plain string is text, and is escaped. */
export type PagePart = string | ReturnType<typeof html>;

/** A page from its template, with each `{{name}}` in it replaced; `undefined` if it is not built. */
export async function renderPage(
  platform: Platform,
  path: string,
  values: Readonly<Record<string, PagePart>>,
): Promise<string | undefined> {
  const template = await platform.asset(path);
  if (!template) return undefined;
  const parts = new Map<string, string>();
  for (const [name, value] of Object.entries(values)) {
    parts.set(name, String(await html`${value}`));
  }
  return new TextDecoder().decode(template).replaceAll(
    /\{\{(\w+)\}\}/g,
    (placeholder, name) => parts.get(name) ?? placeholder,
  );
}

/** The watch pages of these channels, as links in a sentence. */
export function watchLinks(channels: readonly string[]): PagePart {
  const links = channels.map((name, at) =>
    html`${at === 0 ? "" : ", "}<a href="/watch/${name}">${name}</a>`
  );
  return html`${links}`;
}
