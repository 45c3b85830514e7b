/** Players open what the edge lists: M3U and PLS in mpv and VLC, XSPF in VLC. */
import { assertEquals } from "@std/assert";
import { startEdge } from "../support/edge_process.ts";
import { PLAYERS } from "./players.ts";

const LISTS = { mpv: ["m3u", "pls"], vlc: ["m3u", "pls", "xspf"] };

for (const [name, endings] of Object.entries(LISTS)) {
  const plays = PLAYERS[name];
  Deno.test({
    name: `${name} plays a channel from ${endings.join(", ")}`,
    ignore: !plays,
    async fn() {
      await using edge = await startEdge();
      for (const ending of endings) {
        const complaints = await plays!(`${edge.url}/channels.${ending}?q=demo`);
        assertEquals(complaints, "", ending);
      }
    },
  });
}
