const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** For people: `1234` → `1,234`; five digits and more are shortened: `12345` → `12.3K`. */
export function formatCount(count: number): string {
  const sound = Number.isFinite(count) ? Math.max(0, count) : 0;
  return (sound < 10_000 ? whole : compact).format(sound);
}
