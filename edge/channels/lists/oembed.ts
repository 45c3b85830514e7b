import { html } from "hono/html";
import { CodedError } from "../../media/coded_error.ts";
import { addressIn, type ChannelEntry } from "../channel_entry.ts";
import { xml, xmlDocument } from "./xml.ts";

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Of a channel whose picture nobody has said the size of. */
const USUAL: Size = { width: 1280, height: 720 };
/** What a page that does not say how much room it has is given. */
const USUAL_ROOM: Size = { width: 960, height: 960 };

/** Of the largest rendition. */
export function videoSize({ renditions }: ChannelEntry): Size {
  const sizes = renditions.flatMap(({ width, height }) =>
    width && height ? [{ width, height }] : []
  );
  return sizes.sort((a, b) => b.width - a.width)[0] ?? USUAL;
}

/** An answer of oEmbed 1.0 (https://oembed.com), of the type `video`. */
export interface OEmbed extends Size {
  readonly version: "1.0";
  readonly type: "video";
  readonly title: string;
  readonly provider_name: string;
  readonly provider_url: string;
  readonly html: string;
}

/** How to show the channel in a frame with at most this much room. */
export function oEmbed(channel: ChannelEntry, site: string, room: Partial<Size>): OEmbed {
  const { title } = channel;
  const { width, height } = fit(videoSize(channel), { ...USUAL_ROOM, ...room });
  const frame = html`
    <iframe src="${site}/embed/${addressIn(channel)}" width="${width}" height="${height}"
      title="${title}" allow="autoplay; fullscreen; picture-in-picture" style="border:0"></iframe>
  `;
  return {
    version: "1.0",
    type: "video",
    title,
    provider_name: "Tributary",
    provider_url: `${site}/`,
    width,
    height,
    html: String(frame).trim().replaceAll(/\n\s*/g, " "),
  };
}

export function writeOEmbedXml(answer: OEmbed): string {
  const { version, type, title, provider_name, provider_url, width, height, html } = answer;
  return xmlDocument(xml`
    <oembed>
      <version>${version}</version>
      <type>${type}</type>
      <title>${title}</title>
      <provider_name>${provider_name}</provider_name>
      <provider_url>${provider_url}</provider_url>
      <width>${width}</width>
      <height>${height}</height>
      <html>${html}</html>
    </oembed>
  `);
}

/** Reads `maxwidth` and `maxheight`. Throws a `CodedError`. */
export function readRoom(params: URLSearchParams): Partial<Size> {
  return { ...pixels(params, "maxwidth", "width"), ...pixels(params, "maxheight", "height") };
}

function pixels(params: URLSearchParams, name: string, side: keyof Size): Partial<Size> {
  const text = params.get(name);
  if (text === null) return {};
  if (/^[1-9]\d{0,4}$/.test(text)) return { [side]: Number(text) };
  throw new CodedError(
    "bad-size",
    `${name}=${text.slice(0, 20)} is no number of pixels.`,
    `Give ${name} a whole number from 1 to 99999, or leave it out.`,
  );
}

/** As large as there is room for, and no larger than it is. */
function fit({ width, height }: Size, room: Size): Size {
  const scale = Math.min(1, room.width / width, room.height / height);
  const scaled = (side: number) => Math.max(1, Math.floor(side * scale));
  return { width: scaled(width), height: scaled(height) };
}
