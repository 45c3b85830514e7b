import fc from "fast-check";
import type { ChannelEntry } from "../../../edge/channels/channel_entry.ts";
import { mergeInfo } from "../../../edge/channels/channel_info.ts";

/** A channel on air. */
export function entry(part: Partial<ChannelEntry> = {}): ChannelEntry {
  const name = part.name ?? "cam";
  return {
    name,
    title: "Camera",
    visibility: "public",
    state: "on-air",
    viewers: 0,
    ingest: true,
    renditions: [],
    watch: `/watch/${name}`,
    playlist: `/live/${name}/index.m3u8`,
    stream: `/stream/${name}`,
    media: `/live/${name}/index.m3u8`,
    poster: `/live/${name}/poster`,
    ...part,
  };
}

/** Channels with whatever words a source or an owner can give them; none has no title. */
export const arbitraryEntry: fc.Arbitrary<ChannelEntry> = fc.record({
  title: fc.string({ unit: "binary", maxLength: 150 }),
  description: fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 400 }),
    fc.constantFrom("a < b & c", "&lt;b&gt;", "]]>", "one\n\ntwo"),
  ),
  genre: fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("R&B", '"><', "]]>", "&amp;")),
}).map((words) => entry({ ...mergeInfo({}, words) }));
