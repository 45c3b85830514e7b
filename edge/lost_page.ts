import { html } from "hono/html";
import { type PagePart, watchLinks } from "./pages.ts";

/** What stands in the page of an address at which there is nothing; `near` are channels called similarly. */
export function notFoundValues(
  wanted: string,
  near: readonly string[],
): Record<string, PagePart> {
  return {
    heading: "No stream runs here",
    text: html`
      <p>This edge has nothing called <strong>${wanted}</strong>. The name may be spelt differently, or the
        channel is not set up yet.</p>
      <p>What there is: ${near.length > 0 ? watchLinks(near) : "no channel yet"}.</p>
    `,
  };
}

/** And of a private channel's, without its key. */
export function privateValues(
  { message, hint }: { readonly message: string; readonly hint: string },
): Record<string, PagePart> {
  return { heading: "This stream is private", text: html`<p>${message} ${hint}</p>` };
}
