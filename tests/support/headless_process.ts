/** Run as a program: `headless_process.ts ORIGIN CHANNEL` joins as a peer and tells of its partners. */
import { joinHeadless } from "./headless_peer.ts";

const [origin, channel] = Deno.args as [string, string];
const peer = joinHeadless(origin, channel);
let told = 0;
setInterval(() => {
  const { partners, uploaded } = peer.session.totals();
  if (partners !== told) console.log(`partners: ${told = partners}`);
  if (uploaded > 0) console.log("uploads");
}, 100);
