import { formatBytes, formatRate, formatShare } from "../panel/format.ts";
import { offload, type Rates, type Reading } from "./reading.ts";

/** What relays do just now, in one line for people. */
export function statusLine(channel: string, reading: Reading, rates: Rates): string {
  const { relays, partners, bytes } = reading;
  return [
    relays > 1 ? `${channel}, ${relays} relays` : channel,
    ...trouble(reading),
    `${partners} ${partners === 1 ? "partner" : "partners"}`,
    `down ${formatRate(rates.down)}`,
    `up ${formatRate(rates.up)}`,
    `offload ${formatShare(offload(reading))}`,
    `given ${formatBytes(bytes.uploaded)}`,
  ].join(" · ");
}

/** The same for machines: one JSON object; `bytesPerSecond` over the last seconds. */
export function statusJson(channel: string, reading: Reading, rates: Rates): string {
  return JSON.stringify({
    channel,
    ...reading,
    bytesPerSecond: rates,
    offload: offload(reading),
  });
}

function trouble({ online, relays }: Reading): string[] {
  if (online === relays) return [];
  return [online === 0 ? "no edge" : `${relays - online} without the edge`];
}
