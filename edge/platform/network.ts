import { parseAddress } from "./ip_address.ts";

/** What Internet providers give to one place, bytes: an IPv4 /24, an IPv6 /48 (RFC 6177). */
const PREFIX_V4 = 3;
const PREFIX_V6 = 6;

/**
 * Names the network of an IP address, alike for neighbours; `undefined` for text that is no address.
 * It stays at the edge: of a prefix as short as this a hash would hide nothing.
 */
export function networkOf(address: string): string | undefined {
  const bytes = parseAddress(address);
  return bytes?.subarray(0, bytes.length === 4 ? PREFIX_V4 : PREFIX_V6).toHex();
}
