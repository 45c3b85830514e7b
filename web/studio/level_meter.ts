/** Below this a meter shows nothing, dB below full scale. */
const QUIETEST_DB = -60;

export interface LevelMeter {
  /** The loudest of the last moment, 0 … 1 on a scale of decibels. */
  read(): number;
  close(): void;
}

/** Measures the sound of a stream; `undefined` if it has none. */
export function openLevelMeter(stream: MediaStream): LevelMeter | undefined {
  if (stream.getAudioTracks().length === 0) return undefined;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    read() {
      analyser.getFloatTimeDomainData(samples);
      return levelOf(samples);
    },
    close: () => void context.close(),
  };
}

/** Of samples from −1 to 1. */
export function levelOf(samples: Iterable<number>): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  const decibels = 20 * Math.log10(peak);
  return Math.min(1, Math.max(0, 1 - decibels / QUIETEST_DB));
}
