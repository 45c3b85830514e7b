/**
 * A tracker of the WebTorrent protocol on a free port of the loopback, whose address it prints; the
 * program of `webtorrent_tracker.ts`.
 */
import Server from "bittorrent-tracker/server";

/**
 * How often clients announce themselves, and offer themselves anew to others, ms. Its own 10 minutes,
 * or the 120 s of wt-tracker, would leave them with those whom they met first.
 */
const ANNOUNCE_MS = 20_000;

const tracker = new Server({ http: false, udp: false, stats: false, interval: ANNOUNCE_MS });
tracker.on("error", (error: Error) => console.error(error.message));
tracker.on("listening", () => console.log(`ws://127.0.0.1:${tracker.ws.address().port}`));
tracker.listen(0, "127.0.0.1");
