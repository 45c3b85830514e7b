/** Run as a program: `headless_program.ts ORIGIN CHANNEL [--lies]` joins and prints its totals, a line of JSON each. */
import { joinHeadless } from "./headless_session.ts";

const [origin, channel, lies] = Deno.args as [string, string, string?];
const session = joinHeadless(origin, channel, lies === "--lies");
setInterval(() => console.log(JSON.stringify(session.totals())), 200);
