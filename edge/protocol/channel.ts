import * as v from "valibot";

/** What a channel's name may be: it stands in paths. */
export const ChannelName = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9_-]{0,31}$/i));

/**
 * What stands for a channel in paths: its name, and of a private one `~` and the key, 128 bits in
 * base64url.
 */
export const ChannelAddress = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9_-]{0,31}(?:~[\w-]{22})?$/i),
);

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const Init = v.object({
  /** Units of this epoch and later ones, until the next init's epoch, need this init segment. */
  epoch: v.number(),
  /** Path below the channel's base. */
  uri: v.string(),
});

const Discontinuity = v.object({
  /** Sequence number of the unit that the timeline breaks before. */
  sequence: count,
  /** How many discontinuities the rendition had before this one, in the channel's life. */
  before: count,
});

const Rendition = v.object({
  id: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
  /** `main`: video, or video with audio, or the only audio. `audio`: goes with a main rendition. */
  kind: v.picklist(["main", "audio"]),
  /** Path of its media playlist below the channel's base. */
  playlist: v.string(),
  container: v.picklist(["fmp4", "ts", "aac", "mp3", "ogg", "webm"]),
  /** The attributes of its EXT-X-STREAM-INF or EXT-X-MEDIA line, as they stand there, without URI. */
  attributes: v.string(),
  inits: v.array(Init),
  /** The newest, told before its unit is published; absent while there has been none. */
  lastDiscontinuity: v.optional(Discontinuity),
});

/** What must be known to play a channel, besides its ledger. */
export const ChannelDescription = v.object({
  name: ChannelName,
  title: v.string(),
  /** Path of the channel's media on the edge, with a slash at the end: `/live/NAME/`. */
  base: v.string(),
  /** The longest segment there may be, ms: EXT-X-TARGETDURATION. */
  targetDurationMs: v.number(),
  /** Whether `index.m3u8` is a master playlist, or the media playlist of the only rendition. */
  master: v.boolean(),
  renditions: v.array(Rendition),
});

export type ChannelDescription = v.InferOutput<typeof ChannelDescription>;
export type Rendition = v.InferOutput<typeof Rendition>;

/** Whether media comes from the source just now, as people are told. */
export const ChannelState = v.picklist(["idle", "starting", "on-air", "upstream-down", "off-air"]);
export type ChannelState = v.InferOutput<typeof ChannelState>;
