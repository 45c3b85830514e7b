import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatSeconds,
  formatShare,
} from "../../../web/panel/format.ts";

Deno.test("bytes have three digits and the largest unit that leaves one before the point", () => {
  assertEquals(formatBytes(0), "0 B");
  assertEquals(formatBytes(999), "999 B");
  assertEquals(formatBytes(12_345), "12.3 kB");
  assertEquals(formatBytes(12_345_678), "12.3 MB");
  assertEquals(formatBytes(4.2e15), "4,200 TB");
});

Deno.test("no figure is rounded up to 1,000 of a unit", () => {
  assertEquals(formatBytes(999_499), "999 kB");
  assertEquals(formatBytes(999_500), "1 MB");
  fc.assert(fc.property(fc.double({ min: 0, max: 9e14, noNaN: true }), (bytes) => {
    assertMatch(formatBytes(bytes), /^(\d{1,3}|\d{1,2}\.\d|\d\.\d\d?) [kMGT]?B$/);
  }));
});

Deno.test("rates are in bits", () => {
  assertEquals(formatRate(0), "0 bit/s");
  assertEquals(formatRate(187_500), "1.5 Mbit/s");
  assertEquals(formatRate(62_500), "500 kbit/s");
});

Deno.test("a share is 100 % only when nothing is missing", () => {
  assertEquals(formatShare(0.9999), "99%");
  assertEquals(formatShare(1), "100%");
  assertEquals(formatShare(-0.2), "0%");
});

Deno.test("what is not a number reads as nothing", () => {
  assertEquals(formatBytes(NaN), "0 B");
  assertEquals(formatRate(-5), "0 bit/s");
  assertEquals(formatShare(NaN), "0%");
  assertEquals(formatSeconds(Infinity), "0.0 s");
});

Deno.test("counts are grouped, and shortened from five digits on", () => {
  assertEquals(formatCount(1284), "1,284");
  assertEquals(formatCount(12_840), "12.8K");
});

Deno.test("durations are told in their largest unit", () => {
  assertEquals(formatDuration(-5_000), "less than a minute");
  assertEquals(formatDuration(59_999), "less than a minute");
  assertEquals(formatDuration(60_000), "1 minute");
  assertEquals(formatDuration(5_400_000), "1 hour");
  assertEquals(formatDuration(47 * 3_600_000), "47 hours");
  assertEquals(formatDuration(48 * 3_600_000), "2 days");
});
