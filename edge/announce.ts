export interface Addresses {
  readonly host: string;
  readonly port: number;
  readonly channels: readonly string[];
  /** Those of them that wait for a source. */
  readonly ingests: readonly string[];
  readonly ingestPort: number | undefined;
  /** UDP port, where STUN is answered. */
  readonly stun: number | undefined;
}

const EVERYWHERE = ["0.0.0.0", "::"];

/** Prints the addresses to open. */
export function announce(addresses: Addresses): void {
  console.log(describeAddresses(addresses, lanAddresses()));
}

/** What a person wants to know when the edge is up. `lan`: this machine's addresses for others. */
export function describeAddresses(
  { host, port, channels, ingests, ingestPort, stun }: Addresses,
  lan: readonly string[],
): string {
  const everywhere = EVERYWHERE.includes(host);
  const local = everywhere || host === "127.0.0.1" ? "localhost" : host;
  const name = `http://${local.includes(":") ? `[${local}]` : local}`;
  const at = `${name}:${port}`;
  const lines = [
    "Tributary is on.",
    `  portal   ${at}/`,
    ...channels.map((name) => `  watch    ${at}/watch/${name}`),
    ...ingests.flatMap((channel) => [
      `  on air   ${name}:${ingestPort}/ingest/${channel}/KEY/index.m3u8`,
      `  radio    icecast://source:KEY@${name.replace("http://", "")}:${ingestPort}/${channel}`,
    ]),
    ...(stun === undefined ? [] : [`  stun     UDP port ${stun}`]),
  ];
  if (everywhere) {
    lines.push(
      ...lan.map((address) => `  network  http://${address}:${port}/`),
      "  Browsers share only where a page is secure: over HTTPS, or on localhost.",
      "  Others on the network play from the edge until a TLS proxy stands before it.",
    );
  }
  return lines.join("\n");
}

function lanAddresses(): string[] {
  return Deno.networkInterfaces()
    .filter(({ family, address }) => family === "IPv4" && !address.startsWith("127."))
    .map(({ address }) => address);
}
