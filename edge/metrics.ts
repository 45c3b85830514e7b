import type { ChannelStats } from "./channels/channel_stats.ts";

/** The content type of Prometheus' text exposition format, version 0.0.4. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  samples(stats: ChannelStats): readonly Sample[];
}

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

const FAMILIES: readonly Family[] = [
  gauge("tributary_viewers", "Peers in the swarm.", (stats) => stats.viewers),
  gauge("tributary_eligible_injectors", "Peers that can inject.", (stats) => stats.peers.eligible),
  gauge(
    "tributary_on_air",
    "1 while media comes from the source.",
    ({ state }) => state === "on-air" ? 1 : 0,
  ),
  gauge(
    "tributary_offload",
    "Share of media that the edge did not send.",
    (stats) => stats.offload,
  ),
  gauge(
    "tributary_injected_copies",
    "Copies of a segment given to injectors.",
    (stats) => stats.injectedCopies,
  ),
  gauge(
    "tributary_window_segments",
    "Segments in the live window.",
    ({ window }) => window.segments,
  ),
  gauge("tributary_window_bytes", "Bytes in the live window.", ({ window }) => window.bytes),
  counter(
    "tributary_injected_runs_total",
    "Runs given to injectors.",
    (stats) => stats.injectedRuns,
  ),
  split("tributary_media_bytes_total", "Media bytes that peers report, by where from.", "from", (
    { bytes: { peers, edge, cache } },
  ) => ({ peers, edge, cache })),
  counter(
    "tributary_uploaded_bytes_total",
    "Media bytes that peers report as sent.",
    (stats) => stats.bytes.uploaded,
  ),
  split(
    "tributary_edge_sent_bytes_total",
    "Body bytes that the edge sent.",
    "kind",
    ({ edge }) => edge.sent,
  ),
  split(
    "tributary_edge_requests_total",
    "Answers of the edge.",
    "kind",
    ({ edge }) => edge.requests,
  ),
  upstream("tributary_upstream_requests_total", "Requests to the upstream.", "requests"),
  upstream("tributary_upstream_bytes_total", "Bytes from the upstream.", "bytes"),
  upstream("tributary_upstream_failures_total", "Failed requests to the upstream.", "failures"),
];

/** All channels in Prometheus' text exposition format. */
export function renderMetrics(channels: readonly ChannelStats[]): string {
  return FAMILIES.map((family) => renderFamily(family, channels)).join("");
}

function renderFamily(
  { name, type, help, samples }: Family,
  channels: readonly ChannelStats[],
): string {
  const lines = channels.flatMap((stats) =>
    samples(stats).map(({ labels, value }) => {
      const pairs = Object.entries({ channel: stats.name, ...labels })
        .map(([label, text]) => `${label}="${escapeLabel(text)}"`);
      return `${name}{${pairs.join(",")}} ${value}\n`;
    })
  );
  if (lines.length === 0) return "";
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function gauge(name: string, help: string, value: (stats: ChannelStats) => number): Family {
  return { name, help, type: "gauge", samples: (stats) => [{ value: value(stats) }] };
}

function counter(name: string, help: string, value: (stats: ChannelStats) => number): Family {
  return { ...gauge(name, help, value), type: "counter" };
}

/** A counter with one more label. */
function split(
  name: string,
  help: string,
  label: string,
  values: (stats: ChannelStats) => Readonly<Record<string, number>>,
): Family {
  return {
    name,
    help,
    type: "counter",
    samples: (stats) =>
      Object.entries(values(stats)).map(([key, value]) => ({ labels: { [label]: key }, value })),
  };
}

/** A counter that only channels with an upstream have. */
function upstream(
  name: string,
  help: string,
  field: keyof NonNullable<ChannelStats["upstream"]>,
): Family {
  return {
    name,
    help,
    type: "counter",
    samples: ({ upstream }) => upstream ? [{ value: upstream[field] }] : [],
  };
}
