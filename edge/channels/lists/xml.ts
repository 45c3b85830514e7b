import { html } from "hono/html";

/**
 * A part of an XML document; strings among the values are text and are escaped, parts are not. What
 * XML cannot say at all is not to be among them: `ChannelInfo` lets none of it in.
 */
export const xml = html;

/** The document with this element in it. */
export function xmlDocument(root: ReturnType<typeof xml>): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n${String(root).trim()}\n`;
}
