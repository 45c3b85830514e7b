import { assertEquals, assertNotEquals } from "@std/assert";
import { networkOf } from "../../../edge/platform/network.ts";

Deno.test("neighbours are on one network, others are not", () => {
  assertEquals(networkOf("192.0.2.1"), networkOf("192.0.2.254"));
  assertNotEquals(networkOf("192.0.2.1"), networkOf("192.0.3.1"));
  assertEquals(networkOf("2001:db8:1::1"), networkOf("2001:db8:1:ffff::2"));
  assertNotEquals(networkOf("2001:db8:1::1"), networkOf("2001:db8:2::1"));
});

Deno.test("an IPv4 address is the same inside IPv6", () => {
  assertEquals(networkOf("::ffff:192.0.2.1"), networkOf("192.0.2.7"));
});

Deno.test("what is no address has no network", () => {
  for (const text of ["", "proxy.example", "1.2.3"]) assertEquals(networkOf(text), undefined);
});
