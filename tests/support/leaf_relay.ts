/** Run as a program: a relay that only takes, so that the edge has it inject nothing: all it has came by a partner. */
import { parseChannelAddress } from "../../web/headless/channel_address.ts";
import { openHeadlessSession } from "../../web/headless/headless_session.ts";
import { openLocalMedia } from "../../web/headless/listen/local_media.ts";
import { serveLocally } from "../../web/headless/listen/local_server.ts";
import { readRelays } from "../../web/headless/reading.ts";
import { Connection } from "../../web/headless/webrtc.ts";

const address = parseChannelAddress(Deno.args[0]!);
const conduct = { prefetch: "all", inject: false, upload: false, uploadCap: 0 } as const;
const media = openLocalMedia(
  address,
  (callbacks) => openHeadlessSession(address, { conduct, Connection, ...callbacks }),
);
const { url } = serveLocally({ host: "127.0.0.1", port: 0 }, address.name, media);
console.error(`Players find it at ${url}`);
setInterval(
  () => console.log(JSON.stringify(readRelays([media.session], performance.now()))),
  1_000,
);
