import { contentType } from "@std/media-types/content-type";
import { extname, join } from "@std/path";
import { startChild } from "./child.ts";
import { requireFfmpeg } from "./ffmpeg.ts";
import { freePort } from "./free_port.ts";
import { metered } from "./metering.ts";

/** What the upstream does with requests. */
export type UpstreamMode =
  | "up"
  /** The connection is refused. */
  | "down"
  /** Requests are taken, and answered when that ends. */
  | "silent"
  /** Every answer is a 500. */
  | "failing"
  /** A page that says "not found" with status 200, as captive portals and misconfigured sites do. */
  | "html"
  | { readonly bytesPerSecond: number };

export interface UpstreamOptions {
  readonly container?: "fmp4" | "ts";
  readonly segmentSeconds?: 1 | 2;
  /** Bit rates of the variants, bit/s; more than one makes a master playlist. */
  readonly variants?: readonly number[];
  /** In a playlist of its own that all variants refer to (EXT-X-MEDIA), instead of within each. */
  readonly separateAudio?: boolean;
  /** Further files by path, such as `/` for a page that plays the stream. */
  readonly pages?: Readonly<Record<string, string>>;
}

export interface UpstreamRequest {
  readonly path: string;
  readonly atMs: number;
  readonly status: number;
  /** Body bytes sent so far. */
  bytes: number;
}

/** A live HLS channel of somebody else, made by ffmpeg in real time. */
export interface Upstream extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** The playlist to play or to pull. */
  readonly url: string;
  /** Every request that was answered, oldest first. */
  readonly requests: readonly UpstreamRequest[];
  /** Resolves when the change is in force; connections of before are cut by `down`. */
  set(mode: UpstreamMode): Promise<void>;
}

/** Starts ffmpeg and serves what it makes; ready when the window has three segments. */
export async function startUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const ffmpeg = await requireFfmpeg();
  const folder = await Deno.makeTempDir({ prefix: "tributary-upstream-" });
  const encoder = startChild(ffmpeg, encoderArguments(options), folder);
  try {
    // ffmpeg says "Opening … for writing" when it begins a segment: the third is done with the fourth.
    await encoder.printed(/Opening '[^']*0003\.(?:m4s|ts)[^']*' for writing/, 20_000);
    return serve(folder, options, async () => {
      await encoder.end("SIGKILL");
      await Deno.remove(folder, { recursive: true });
    });
  } catch (error) {
    await encoder.end("SIGKILL");
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
}

function encoderArguments(options: UpstreamOptions): string[] {
  const { container = "fmp4", segmentSeconds = 1, variants = [400_000] } = options;
  const { separateAudio = false } = options;
  const many = hasMaster(options);
  const suffix = container === "ts" ? "ts" : "m4s";
  const prefix = many ? "v%v/" : "";
  return [
    ...["-hide_banner", "-nostats", "-loglevel", "info"],
    ...["-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25"],
    ...["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"],
    ...variants.flatMap((rate, at) => ["-map", "0:v", `-b:v:${at}`, `${rate}`]),
    ...(separateAudio ? [0] : variants).flatMap(() => ["-map", "1:a"]),
    ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"],
    ...["-g", `${25 * segmentSeconds}`, "-sc_threshold", "0", "-c:a", "aac", "-b:a", "64k"],
    ...["-f", "hls", "-hls_time", `${segmentSeconds}`, "-hls_list_size", "6"],
    ...["-hls_flags", "delete_segments+independent_segments+temp_file+program_date_time"],
    ...["-hls_segment_type", container === "ts" ? "mpegts" : "fmp4"],
    ...["-hls_segment_filename", `${prefix}seg%04d.${suffix}`],
    ...(many
      ? [
        ...["-master_pl_name", "master.m3u8"],
        ...["-var_stream_map", streamMap(variants.length, separateAudio)],
      ]
      : []),
    `${prefix}index.m3u8`,
  ];
}

function hasMaster({ variants = [], separateAudio = false }: UpstreamOptions): boolean {
  return variants.length > 1 || separateAudio;
}

function streamMap(variants: number, separateAudio: boolean): string {
  const numbers = Array.from({ length: variants }, (_, at) => at);
  if (!separateAudio) return numbers.map((at) => `v:${at},a:${at}`).join(" ");
  return [...numbers.map((at) => `v:${at},agroup:sound`), "a:0,agroup:sound,default:yes"].join(" ");
}

function serve(folder: string, options: UpstreamOptions, end: () => Promise<void>): Upstream {
  const port = freePort();
  const origin = `http://127.0.0.1:${port}`;
  const requests: UpstreamRequest[] = [];
  let mode: UpstreamMode = "up";
  let changed = Promise.withResolvers<void>();

  const body = async (path: string): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    const page = options.pages?.[path];
    if (page !== undefined) return new TextEncoder().encode(page);
    try {
      return await Deno.readFile(join(folder, path));
    } catch {
      return undefined;
    }
  };
  const answer = async (request: Request): Promise<Response> => {
    while (mode === "silent") await changed.promise;
    const path = new URL(request.url).pathname;
    const html = mode === "html";
    const bytes = html ? new TextEncoder().encode("<h1>Not found</h1>") : await body(path);
    const status = mode === "failing" ? 500 : bytes ? 200 : 404;
    const record: UpstreamRequest = { path, atMs: Date.now(), status, bytes: 0 };
    requests.push(record);
    const rate = typeof mode === "object" ? mode.bytesPerSecond : undefined;
    const headers = {
      "access-control-allow-origin": "*",
      "cache-control": "no-store",
      "content-type": html || path === "/" ? "text/html" : mediaType(path),
    };
    if (status !== 200 || !bytes) return new Response(null, { status, headers });
    return new Response(
      ReadableStream.from([bytes]).pipeThrough(metered((count) => record.bytes += count, rate)),
      { status, headers: { ...headers, "content-length": `${bytes.length}` } },
    );
  };

  const listen = () => {
    const cut = new AbortController();
    const server = Deno.serve(
      { hostname: "127.0.0.1", port, signal: cut.signal, onListen() {}, onError: silent },
      answer,
    );
    return async () => {
      cut.abort();
      await server.finished;
    };
  };
  let close: (() => Promise<void>) | undefined = listen();
  const set = async (wanted: UpstreamMode) => {
    mode = wanted;
    changed.resolve();
    changed = Promise.withResolvers();
    if (wanted === "down") {
      await close?.();
      close = undefined;
    } else {
      close ??= listen();
    }
  };
  return {
    origin,
    url: `${origin}/${hasMaster(options) ? "master" : "index"}.m3u8`,
    requests,
    set,
    async [Symbol.asyncDispose]() {
      await set("down");
      await end();
    },
  };
}

function mediaType(path: string): string {
  const known: Record<string, string> = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".ts": "video/mp2t",
  };
  return known[extname(path)] ?? (contentType(extname(path)) || "application/octet-stream");
}

/** A reader that goes away in the middle of an answer is an everyday thing. */
function silent(): Response {
  return new Response(null, { status: 500 });
}
