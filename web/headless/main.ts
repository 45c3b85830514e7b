/** Run by `deno task relay CHANNEL_URL`: gives this machine's uplink to the viewers of a channel. */
import { relayProgram } from "./relay_program.ts";
import { Connection, endWebRtc } from "./webrtc.ts";

const code = await relayProgram(Deno.args, Connection);
await endWebRtc();
Deno.exit(code);
