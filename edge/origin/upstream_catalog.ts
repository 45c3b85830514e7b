import type { MasterPlaylist } from "../media/playlist.ts";
import { type Attribute, attribute, writeAttributes } from "../media/playlist_attributes.ts";
import type { Rendition } from "../protocol/channel.ts";
import { resolveUri } from "./pull_upstream.ts";
import { UpstreamError } from "./upstream_error.ts";

/** One media playlist of an upstream. */
export interface SourceRendition {
  readonly id: number;
  readonly kind: Rendition["kind"];
  /** As in `Rendition.attributes`. */
  readonly attributes: string;
  readonly url: string;
}

/** What a rendition's id can count. */
const MAX_RENDITIONS = 256;

/** The renditions of an upstream that has only a media playlist. */
export function singleRendition(url: string): readonly SourceRendition[] {
  return [{ id: 0, kind: "main", attributes: "", url }];
}

/**
 * The renditions that a master playlist lists: its variants, then the audio that they refer to.
 * Subtitles and alternative angles are left out, and with them what refers to them. Throws
 * `UpstreamError`.
 */
export function readCatalog(master: MasterPlaylist, base: string): readonly SourceRendition[] {
  const audio = master.media.filter(({ type, uri }) => type === "AUDIO" && uri !== undefined);
  const groups = new Set(audio.map(({ groupId }) => groupId));
  const unlike = master.variants.filter((variant, at) =>
    master.variants.findIndex(({ uri }) => uri === variant.uri) === at
  );
  // Sound that goes with pictures may be listed as a variant of its own too, as ffmpeg does.
  const seen = unlike.filter((variant) => !audio.some(({ uri }) => uri === variant.uri));
  const variants = seen.length > 0 ? seen : unlike;
  const used = new Set(variants.map(({ attributes }) => attribute(attributes, "AUDIO")));
  if (variants.length === 0) {
    throw new UpstreamError("upstream-no-media", "The master playlist lists no variant.");
  }
  return [
    ...variants.map((variant) => ({
      kind: "main" as const,
      attributes: writeAttributes(variant.attributes.filter((one) => isKept(one, groups))),
      url: resolveUri(variant.uri, base),
    })),
    ...audio.filter(({ groupId }) => used.has(groupId)).map(({ attributes, uri }) => ({
      kind: "audio" as const,
      attributes: writeAttributes(attributes),
      url: resolveUri(uri!, base),
    })),
  ].slice(0, MAX_RENDITIONS).map((rendition, id) => ({ id, ...rendition }));
}

function isKept({ name, value }: Attribute, groups: ReadonlySet<string>): boolean {
  switch (name) {
    case "AUDIO":
      return groups.has(value);
    case "CLOSED-CAPTIONS":
      return value === "NONE";
    case "SUBTITLES":
    case "VIDEO":
    case "PATHWAY-ID":
      return false;
    default:
      return true;
  }
}
