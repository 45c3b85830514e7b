/** What is sent, and how much of it. */
export interface Quality {
  /** Absent where only sound is sent. */
  readonly picture?: {
    /** Of the shorter side, pixels. */
    readonly lines: number;
    readonly bitsPerSecond: number;
  };
  readonly sound: { readonly bitsPerSecond: number };
}

/** What can be chosen. 2.5 Mbit/s fit most home uplinks, 0.8 Mbit/s most mobile ones. */
export const QUALITIES = {
  high: {
    picture: { lines: 720, bitsPerSecond: 2_500_000 },
    sound: { bitsPerSecond: 128_000 },
  },
  low: { picture: { lines: 360, bitsPerSecond: 800_000 }, sound: { bitsPerSecond: 96_000 } },
  sound: { sound: { bitsPerSecond: 128_000 } },
} as const satisfies Record<string, Quality>;

export type QualityName = keyof typeof QUALITIES;

export function bitsPerSecond({ picture, sound }: Quality): number {
  return (picture?.bitsPerSecond ?? 0) + sound.bitsPerSecond;
}

/**
 * What is left of a quality at a share (0 … 1) of its rate: the sound, and a picture with fewer bits
 * and as many fewer pixels, so that each looks as good as before. Sound alone stays as it is.
 */
export function atShare({ picture, sound }: Quality, share: number): Quality {
  if (!picture || share === 1) return { ...(picture ? { picture } : {}), sound };
  return {
    picture: {
      lines: 2 * Math.round(picture.lines * Math.sqrt(share) / 2),
      bitsPerSecond: Math.round(picture.bitsPerSecond * share),
    },
    sound,
  };
}
