/** A site of another origin: one script tag, one one-line worker file, a plain `<video>`. */
export interface ForeignSite extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a slash. */
  readonly url: string;
}

/** Serves a page whose video and script come from the edge at `edge`, an origin without a slash. */
export function startForeignSite(edge: string, attributes = "autoplay muted"): ForeignSite {
  const page = `<!doctype html><title>Foreign site</title><link rel="icon" href="data:,">
<video src="${edge}/live/demo/index.m3u8" ${attributes} playsinline></video>
<script src="${edge}/tributary.js" async></script>`;
  const answers: Record<string, [type: string, body: string]> = {
    "/": ["text/html", page],
    "/sw.js": ["text/javascript", `importScripts("${edge}/sw.js");`],
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const [type, body] = answers[new URL(request.url).pathname] ?? [];
    if (type === undefined) return new Response("nothing here", { status: 404 });
    return new Response(body!, { headers: { "content-type": type } });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
