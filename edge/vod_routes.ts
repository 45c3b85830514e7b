import type { Context, Hono } from "hono";
import type { Films } from "./channels/films.ts";
import type { SwarmHost } from "./channels/swarm_host.ts";
import { CodedError } from "./media/coded_error.ts";
import { errorResponse } from "./origin/error_response.ts";
import type { Film } from "./origin/vod/film.ts";

/** What the routes of films need of the edge. */
export interface VodHost {
  /** `undefined` where the runtime has no disk. */
  readonly films: Films | undefined;
  /** Answers the handshake of a swarm socket. */
  joinSwarm(c: Context, swarm: SwarmHost): Response;
  /** The page of a film. */
  filmPage(c: Context, film: Film): Promise<Response>;
}

/** Their sockets: to be added before all middleware. */
export function addFilmSockets(app: Hono, host: VodHost): void {
  app.get(
    "/swarm/vod/*",
    withFilm(host, "/swarm/vod/", (film, c) => host.joinSwarm(c, host.films!.swarm(film))),
  );
}

export function addVodRoutes(app: Hono, host: VodHost): void {
  app.get("/vod/*", withFilm(host, "/vod/", (film, c) => host.films!.respond(film, c.req.raw)));
  const page = withFilm(host, "/watch/vod/", (film, c) => host.filmPage(c, film));
  app.get("/watch/vod/*", async (c) => {
    const answer = await page(c);
    // People are shown a page.
    return answer.status === 404 ? c.notFound() : answer;
  });
  app.get("/api/vod", async (c) => {
    const films = await host.films?.list() ?? [];
    return c.json({ films }, 200, { "Cache-Control": "no-store" });
  });
}

/** Answers by `answer` for a film that exists, and by a coded error otherwise. */
function withFilm(
  { films }: VodHost,
  below: string,
  answer: (film: Film, c: Context) => Response | Promise<Response>,
): (c: Context) => Promise<Response> {
  return async (c) => {
    const path = c.req.path.slice(below.length);
    try {
      const film = await films?.find(path);
      return film ? await answer(film, c) : unknownFilm(path);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      const { code, message, hint } = error;
      return errorResponse(502, { code, message, hint });
    }
  };
}

function unknownFilm(path: string): Response {
  return errorResponse(404, {
    code: "unknown-film",
    message: `There is no film at /vod/${path.slice(0, 100)}.`,
    hint: "/api/vod lists them; media files in the folder vod of the data folder are films.",
  });
}
