import {
  type ByteRange,
  type InitSegment,
  type MediaRendition,
  type Playlist,
  PlaylistError,
  type PlaylistSegment,
  type Variant,
} from "./playlist.ts";
import { type Attribute, attribute, readAttributes } from "./playlist_attributes.ts";

/**
 * Reads a media or a master playlist, RFC 8216bis §4. Tags that say nothing about which bytes are
 * played when are passed over. Throws `PlaylistError`, nothing else.
 */
export function readPlaylist(text: string): Playlist {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (!/^#EXTM3U\s*$/.test(lines[0]!)) {
    throw new PlaylistError("playlist-not-hls", 1, `expected #EXTM3U, found ${excerpt(lines[0]!)}`);
  }
  const reader = createReader();
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at]!.trim();
    if (line === "") continue;
    if (line.startsWith("#EXT")) {
      const colon = line.indexOf(":");
      const [tag, value] = colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1)];
      reader.tag(tag, value.trim(), at + 1);
    } else if (!line.startsWith("#")) {
      reader.uri(line, at + 1);
    }
  }
  return reader.end(lines.length);
}

/** The tags of the segment whose URI has not come yet. */
interface PendingSegment {
  durationMs?: number;
  discontinuity?: boolean;
  gap?: boolean;
  programDateTimeMs?: number;
  byteRange?: { length: number; offset?: number };
}

function createReader() {
  const variants: Variant[] = [];
  const media: MediaRendition[] = [];
  const segments: PlaylistSegment[] = [];
  let targetDurationMs: number | undefined;
  let mediaSequence = 0;
  let discontinuitySequence = 0;
  let endList = false;
  let encrypted = false;
  let init: InitSegment | undefined;
  let pending: PendingSegment = {};
  let pendingVariant: readonly Attribute[] | undefined;

  function tag(name: string, value: string, line: number): void {
    switch (name) {
      case "#EXT-X-TARGETDURATION":
        targetDurationMs = number(value, line, name) * 1000;
        return;
      case "#EXT-X-MEDIA-SEQUENCE":
        if (segments.length > 0) throw malformed(line, `${name} stands after a segment`);
        mediaSequence = integer(value, line, name);
        return;
      case "#EXT-X-DISCONTINUITY-SEQUENCE":
        discontinuitySequence = integer(value, line, name);
        return;
      case "#EXT-X-ENDLIST":
        endList = true;
        return;
      case "#EXTINF":
        pending.durationMs = number(value.split(",", 1)[0]!, line, name) * 1000;
        return;
      case "#EXT-X-DISCONTINUITY":
        pending.discontinuity = true;
        return;
      case "#EXT-X-GAP":
        pending.gap = true;
        return;
      case "#EXT-X-PROGRAM-DATE-TIME":
        pending.programDateTimeMs = dateTime(value, line);
        return;
      case "#EXT-X-BYTERANGE":
        pending.byteRange = byteRange(value, line);
        return;
      case "#EXT-X-KEY":
        encrypted = required(attributes(value, line), "METHOD", line) !== "NONE";
        return;
      case "#EXT-X-MAP":
        init = initSegment(attributes(value, line), line);
        return;
      case "#EXT-X-STREAM-INF":
        pendingVariant = attributes(value, line);
        return;
      case "#EXT-X-MEDIA":
        media.push(mediaRendition(attributes(value, line), line));
        return;
    }
  }

  function uri(text: string, line: number): void {
    if (pendingVariant) {
      variants.push({ uri: text, attributes: pendingVariant });
      pendingVariant = undefined;
      return;
    }
    const { durationMs, programDateTimeMs, byteRange } = pending;
    if (durationMs === undefined) {
      throw malformed(line, `${excerpt(text)} has neither #EXTINF nor #EXT-X-STREAM-INF before it`);
    }
    const before = segments.at(-1);
    const discontinuity = pending.discontinuity ?? false;
    const startMs = programDateTimeMs ?? (discontinuity ? undefined : endOf(before));
    segments.push({
      uri: text,
      sequence: mediaSequence + segments.length,
      durationMs: Math.round(durationMs * 1000) / 1000,
      discontinuity,
      encrypted,
      gap: pending.gap ?? false,
      ...(startMs === undefined ? {} : { programDateTimeMs: startMs }),
      ...(byteRange ? { byteRange: afterBefore(byteRange, text, before, line) } : {}),
      ...(init ? { init } : {}),
    });
    pending = {};
  }

  function end(line: number): Playlist {
    if (pendingVariant) throw malformed(line, "no URI follows the last #EXT-X-STREAM-INF");
    if (variants.length > 0) {
      if (segments.length > 0) throw malformed(line, "both segments and variants are listed");
      return { type: "master", variants, media };
    }
    if (targetDurationMs === undefined) throw malformed(line, "#EXT-X-TARGETDURATION is missing");
    return {
      type: "media",
      targetDurationMs,
      mediaSequence,
      discontinuitySequence,
      segments,
      endList,
    };
  }

  return { tag, uri, end };
}

function endOf(segment: PlaylistSegment | undefined): number | undefined {
  if (segment?.programDateTimeMs === undefined) return undefined;
  return segment.programDateTimeMs + segment.durationMs;
}

/** Without an offset a range starts where the one before it ends (RFC 8216bis §4.4.4.2). */
function afterBefore(
  range: { length: number; offset?: number },
  uri: string,
  before: PlaylistSegment | undefined,
  line: number,
): ByteRange {
  if (range.offset !== undefined) return { length: range.length, offset: range.offset };
  if (before?.uri !== uri || !before.byteRange) {
    throw malformed(line, "a byte range without offset follows no range of the same file");
  }
  return { length: range.length, offset: before.byteRange.offset + before.byteRange.length };
}

function initSegment(list: readonly Attribute[], line: number): InitSegment {
  const uri = required(list, "URI", line);
  const text = attribute(list, "BYTERANGE");
  if (text === undefined) return { uri };
  const { length, offset = 0 } = byteRange(text, line);
  return { uri, byteRange: { length, offset } };
}

function mediaRendition(list: readonly Attribute[], line: number): MediaRendition {
  const uri = attribute(list, "URI");
  return {
    type: required(list, "TYPE", line),
    groupId: required(list, "GROUP-ID", line),
    attributes: list.filter((one) => one.name !== "URI"),
    ...(uri === undefined ? {} : { uri }),
  };
}

function attributes(text: string, line: number): Attribute[] {
  const list = readAttributes(text);
  if (!list) throw malformed(line, `${excerpt(text)} is no attribute list`);
  return list;
}

function required(list: readonly Attribute[], name: string, line: number): string {
  const value = attribute(list, name);
  if (value === undefined) throw malformed(line, `the attribute ${name} is missing`);
  return value;
}

function number(text: string, line: number, what: string): number {
  const value = /^\d+(\.\d*)?$/.test(text.trim()) ? Number(text) : NaN;
  if (!(value * 1000 <= Number.MAX_SAFE_INTEGER)) {
    throw malformed(line, `${what} needs a number, found ${excerpt(text)}`);
  }
  return value;
}

function integer(text: string, line: number, what: string): number {
  const value = number(text, line, what);
  if (!Number.isInteger(value)) throw malformed(line, `${what} needs a whole number`);
  return value;
}

function byteRange(text: string, line: number): { length: number; offset?: number } {
  const [length, offset] = text.split("@", 2).map((part) => integer(part, line, "a byte range"));
  return { length: length!, ...(offset === undefined ? {} : { offset }) };
}

/** ISO 8601; a zone without a colon, as ffmpeg writes it, is not read by every engine. */
function dateTime(text: string, line: number): number {
  const ms = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  if (!(ms >= 0)) throw malformed(line, `${excerpt(text)} is no date and time since 1970`);
  return ms;
}

function malformed(line: number, message: string): PlaylistError {
  return new PlaylistError("playlist-malformed", line, message);
}

/** The start of text that came from elsewhere, fit for a message. Queries stay out: they hold tokens. */
function excerpt(text: string): string {
  const plain = text.replace(/\?.*/s, "?…").replace(/[^\x20-\x7e…]/g, " ").trim();
  return plain === "" ? "nothing" : `"${plain.length > 40 ? `${plain.slice(0, 40)}…` : plain}"`;
}
