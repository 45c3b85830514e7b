/** Run as a program: a relay that flips the last byte of every piece on its way out. */
import { relayProgram } from "../../web/headless/relay_program.ts";
import { Connection, endWebRtc } from "../../web/headless/webrtc.ts";
import { isPiece, tapped } from "./headless_tap.ts";

const lying = tapped(Connection, (message) => {
  const bytes = message.slice();
  if (isPiece(bytes)) bytes[bytes.length - 1]! ^= 0xff;
  return bytes;
});
const code = await relayProgram(Deno.args, lying);
await endWebRtc();
Deno.exit(code);
