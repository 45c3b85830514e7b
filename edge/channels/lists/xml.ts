import { html } from "hono/html";

/** What XML 1.0 §2.2 cannot say, escaped or not. */
const NOT_XML = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** A part of an XML document; strings among the values are text and are escaped, parts are not. */
export function xml(parts: TemplateStringsArray, ...values: unknown[]) {
  return html(
    parts,
    ...values.map((value) => typeof value === "string" ? value.replaceAll(NOT_XML, "") : value),
  );
}

/** The document with this element in it. */
export function xmlDocument(root: ReturnType<typeof xml>): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n${String(root).trim()}\n`;
}
