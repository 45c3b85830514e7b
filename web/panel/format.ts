export { formatCount } from "../../edge/protocol/format_count.ts";

/** Figures as people read them. The texts around them are English, and so are the numbers. */
const LOCALE = "en";

const threeDigits = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 });
const oneDecimal = new Intl.NumberFormat(LOCALE, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
/** Rounded down: 100 % is said only when nothing at all is missing. */
const percent = new Intl.NumberFormat(LOCALE, {
  style: "percent",
  maximumFractionDigits: 0,
  roundingMode: "trunc",
});

const SIZES = ["B", "kB", "MB", "GB", "TB"] as const;
const RATES = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"] as const;

/** `12345678` → `12.3 MB`, by powers of 1000. */
export function formatBytes(bytes: number): string {
  return scaled(bytes, SIZES);
}

/** Takes bytes/s: `187500` → `1.5 Mbit/s`. */
export function formatRate(bytesPerSecond: number): string {
  return scaled(bytesPerSecond * 8, RATES);
}

/** `0.756` → `75%`. */
export function formatShare(share: number): string {
  return percent.format(Math.min(1, Math.max(0, finite(share))));
}

/** `8.25` → `8.3 s`. */
export function formatSeconds(seconds: number): string {
  return `${oneDecimal.format(Math.max(0, finite(seconds)))} s`;
}

/** In its largest unit: `5400000` → `1 hour`; less than a minute → `less than a minute`. */
export function formatDuration(ms: number): string {
  const minutes = Math.floor(Math.max(0, finite(ms)) / 60_000);
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return inUnits(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? inUnits(hours, "hour") : inUnits(Math.floor(hours / 24), "day");
}

function scaled(value: number, units: readonly [string, ...string[]]): string {
  let rest = Math.max(0, finite(value));
  let unit = 0;
  // 999.5 would be written as 1,000 of the smaller unit.
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit++;
  }
  const figure = unit === 0 ? whole.format(rest) : threeDigits.format(rest);
  return `${figure} ${units[unit]}`;
}

function inUnits(count: number, unit: "minute" | "hour" | "day"): string {
  return new Intl.NumberFormat(LOCALE, { style: "unit", unit, unitDisplay: "long" }).format(count);
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
