/** Sample entries of MP4 that some browser plays; timed metadata goes along unseen. */
export const PLAYABLE_IN_MP4: ReadonlySet<string> = new Set(
  "avc1 avc3 hvc1 hev1 av01 vp08 vp09 mp4a .mp3 Opus fLaC ac-3 ec-3 wvtt stpp mett metx".split(" "),
);
