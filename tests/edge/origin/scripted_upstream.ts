import { Hono } from "hono";

export interface ScriptedSegment {
  name: string;
  duration?: number;
  /** Lines before its EXTINF. */
  tags?: string[];
}

/** An upstream whose playlist a test changes as it likes; it is asked without a socket. */
export function createScriptedUpstream() {
  const requests = new Map<string, number>();
  const files = new Map<string, () => Response | Promise<Response>>();
  const app = new Hono();
  let failure: (() => Response | Promise<Response>) | undefined;

  app.get("*", async (c) => {
    const { pathname } = new URL(c.req.url);
    requests.set(pathname, (requests.get(pathname) ?? 0) + 1);
    if (failure) return await failure();
    return await files.get(pathname)?.() ?? c.notFound();
  });

  function playlist(path: string, first: number, segments: ScriptedSegment[], options: {
    head?: string[];
    tail?: string[];
    target?: number;
  } = {}): void {
    const { head = [], tail = [], target = 2 } = options;
    const lines = ["#EXTM3U", "#EXT-X-VERSION:7", `#EXT-X-TARGETDURATION:${target}`];
    lines.push(`#EXT-X-MEDIA-SEQUENCE:${first}`, ...head);
    for (const { name, duration = 2, tags = [] } of segments) {
      lines.push(...tags, `#EXTINF:${duration.toFixed(3)},`, `${name}?token=secret`);
      const segmentPath = new URL(name, `http://upstream.test${path}`).pathname;
      if (!files.has(segmentPath)) file(segmentPath, tsSegment(name));
    }
    text(path, [...lines, ...tail].join("\n"));
  }

  function file(path: string, bytes: Uint8Array<ArrayBuffer>): void {
    files.set(path, () => new Response(bytes));
  }

  function text(path: string, body: string): void {
    files.set(path, () => new Response(body));
  }

  return {
    /** Puts a media playlist, and a stand-in for every segment of it that is not there yet. */
    playlist,
    /** TS segments `seg<n>.ts` with the upstream's numbers `first … last`. */
    live(first: number, last: number, tail: string[] = []): void {
      playlist("/live.m3u8", first, numbered(first, last), { tail });
    },
    file,
    text,
    serve: (path: string, answer: () => Response | Promise<Response>) =>
      void files.set(path, answer),
    remove: (path: string) => void files.delete(path),
    /** Every request is answered so, until `recover`. */
    fail: (answer: () => Response | Promise<Response>) => void (failure = answer),
    recover: () => void (failure = undefined),
    requests: (path: string) => requests.get(path) ?? 0,
    fetch:
      ((input: string, init?: RequestInit) =>
        withAbort(() => app.request(new Request(input, init)), init?.signal)) as typeof fetch,
  };
}

export function numbered(first: number, last: number, extension = "ts"): ScriptedSegment[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => ({
    name: `seg${first + at}.${extension}`,
  }));
}

/** Two TS packets that only look like some, with a name in them. */
export function tsSegment(name: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(376);
  bytes[0] = bytes[188] = 0x47;
  bytes.set(new TextEncoder().encode(name), 4);
  return bytes;
}

/** One box that only looks like an init segment or a fragment, with a name in it. */
export function mp4Box(type: "ftyp" | "moof", name: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(`\0\0\0\0${type}${name}`);
  new DataView(bytes.buffer).setUint32(0, bytes.length);
  return bytes;
}

function withAbort(
  answer: () => Response | Promise<Response>,
  signal: AbortSignal | null | undefined,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
    Promise.resolve(answer()).then(resolve, reject);
  });
}
