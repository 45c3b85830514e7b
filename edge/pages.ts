import { html } from "hono/html";
import type { Platform } from "./platform/platform.ts";

/** A page from its template, with each `{{name}}` in it replaced; `undefined` if it is not built. */
export async function renderPage(
  platform: Platform,
  path: string,
  values: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const template = await platform.asset(path);
  if (!template) return undefined;
  return new TextDecoder().decode(template).replaceAll(
    /\{\{(\w+)\}\}/g,
    (placeholder, name) => name in values ? String(html`${values[name]}`) : placeholder,
  );
}
