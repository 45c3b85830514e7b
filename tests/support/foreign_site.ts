import { bundle } from "../sw/browser/bundle.ts";

/** A site of another origin: one script tag, one one-line worker file, a plain `<video>`. */
export interface ForeignSite extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a slash. */
  readonly url: string;
}

type Files = Readonly<Record<string, readonly [type: string, body: string]>>;

export interface ForeignSiteOptions {
  /** What the video plays, below the edge. */
  readonly media?: string;
  /** Attributes of the video beside its address. */
  readonly video?: string;
  /** Attributes of the script tag. */
  readonly tag?: string;
  /** Where the worker file imports its script from; `null` for a site that has none. */
  readonly worker?: string | null;
}

/** Serves a page whose video and script come from the edge at `edge`, an origin without a slash. */
export function startForeignSite(
  edge: string,
  { media = "live/demo/index.m3u8", video = "autoplay muted", tag = "", worker }:
    ForeignSiteOptions = {},
): ForeignSite {
  return serve(worker === undefined ? `${edge}/sw.js` : worker, {
    "/": page(`
<video src="${edge}/${media}" ${video} playsinline></video>
<script src="${edge}/tributary.js" ${tag} async></script>`),
  });
}

/** Player libraries that play without the browser's own HLS, and what each of them loads. */
const PLAYERS = {
  "hls.js": { page: "tests/support/hls_js_page.ts", playlist: "index.m3u8" },
  "dash.js": { page: "tests/support/dash_js_page.ts", playlist: "manifest.mpd" },
} as const;

/** The same with a player library: its video has no address that names the channel. */
export async function startPlayerSite(
  edge: string,
  library: keyof typeof PLAYERS,
  channel: string,
): Promise<ForeignSite> {
  const { page: entry, playlist } = PLAYERS[library];
  const player = await bundle(entry);
  return serve(`${edge}/sw.js`, {
    "/": page(`
<video data-playlist="${edge}/live/${channel}/${playlist}" autoplay muted playsinline></video>
<script src="${edge}/tributary.js" data-channel="${channel}" async></script>
<script src="/player.js"></script>`),
    "/player.js": ["text/javascript", player],
  });
}

function page(body: string): Files[string] {
  const head = `<!doctype html><title>Foreign site</title><link rel="icon" href="data:,">`;
  return ["text/html", head + body];
}

function serve(worker: string | null, site: Files): ForeignSite {
  const files: Files = worker === null
    ? site
    : { ...site, "/sw.js": ["text/javascript", `importScripts("${worker}");`] };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const [type, body] = files[new URL(request.url).pathname] ?? [];
    if (type === undefined) return new Response("nothing here", { status: 404 });
    return new Response(body!, { headers: { "content-type": type } });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
