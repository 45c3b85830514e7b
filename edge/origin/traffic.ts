import type { OriginStats } from "./channel_origin.ts";

export type TrafficKind = keyof OriginStats["sent"];

/** Counts answers and the body bytes in them. */
export function createTraffic() {
  const sent = { segments: 0, ranges: 0, inits: 0, playlists: 0, streams: 0 };
  const requests = { segments: 0, ranges: 0, inits: 0, playlists: 0, streams: 0 };
  return {
    sent,
    requests,
    /** Counts bytes of an answer whose length is not known, which is one request. */
    flow(kind: TrafficKind, bytes: number, begins: boolean): void {
      sent[kind] += bytes;
      if (begins) requests[kind]++;
    },
    /** Counts `response`; parts of segments count as ranges. */
    count(kind: TrafficKind, response: Response): void {
      const counted = kind === "segments" && response.status === 206 ? "ranges" : kind;
      requests[counted]++;
      if (response.body) sent[counted] += Number(response.headers.get("Content-Length"));
    },
  };
}
