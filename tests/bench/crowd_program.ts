/**
 * Run as a program: `crowd_program.ts CHANNEL_URL UPLOAD_CAP` (bytes/s) holds viewers of a crowd.
 * It does what it reads, a word a line: `join`, `vanish` (one of them, at random), and `report`, which
 * it answers with one line of JSON, a `CrowdReport`.
 */
import { delay } from "@std/async/delay";
import process from "node:process";
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import { unitKey } from "../../edge/protocol/unit.ts";
import { parseChannelAddress } from "../../web/headless/channel_address.ts";
import { Connection } from "../../web/headless/webrtc.ts";
import { fetchDigests } from "../../web/net/edge_http.ts";
import { joinCrowd, type Member } from "./crowd_member.ts";
import type { CrowdReport, Joined } from "./crowd_process.ts";
import { type CrowdTotals, NOTHING, sum, totalsOf } from "./crowd_totals.ts";

/** What a join costs is counted up to this age, ms. */
const JOIN_MS = 20_000;
/** How often it is seen how late the process comes to its work, ms. */
const LAG_EVERY_MS = 50;
/** Units whose digest lists are kept. */
const LISTS = 60;
/** How often one is asked for, and the pause in between, ms. */
const TRIALS = 5;
const RETRY_MS = 1_000;

const [url, uploadCap] = Deno.args as [string, string];
const address = parseChannelAddress(url);
/** With the timers that count their joins. */
const members = new Map<Member, ReturnType<typeof setTimeout>>();
const lists = new Map<string, Promise<Uint8Array | undefined>>();
let joins: Joined[] = [];
let gone: CrowdTotals = NOTHING;
let lagMs = 0;

/** Viewers of one process share what they check against. */
function digests(entry: LedgerEntry): Promise<Uint8Array | undefined> {
  const key = unitKey(entry.unit);
  const list = lists.get(key) ?? fetchList(entry);
  lists.set(key, list);
  if (lists.size > LISTS) lists.delete(lists.keys().next().value!);
  return list;
}

async function fetchList(entry: LedgerEntry): Promise<Uint8Array | undefined> {
  for (let trial = 0; trial < TRIALS; trial++) {
    const list = await fetchDigests(address.base, entry);
    if (list) return list;
    await delay(RETRY_MS);
  }
  return undefined;
}

function join(): void {
  const member = joinCrowd(address, { uploadCap: Number(uploadCap), Connection, digests });
  members.set(member, setTimeout(() => countJoin(member), JOIN_MS));
}

function countJoin(member: Member): void {
  const { playback: { startMs }, received } = member.totals();
  joins.push({ edgeBytes: received.edge, ...(startMs === undefined ? {} : { startMs }) });
}

function vanish(): void {
  const member = [...members.keys()][Math.floor(Math.random() * members.size)];
  if (!member) return;
  gone = sum([gone, totalsOf(member.totals())]);
  clearTimeout(members.get(member));
  members.delete(member);
  member.vanish();
}

function report(): CrowdReport {
  const all = [...members.keys()].map((member) => member.totals());
  const { user, system } = process.cpuUsage();
  const answer: CrowdReport = {
    viewers: all.length,
    partners: all.reduce((count, { partners }) => count + partners, 0),
    totals: sum([gone, ...all.map(totalsOf)]),
    joins,
    cpuMs: (user + system) / 1000,
    lagMs,
  };
  joins = [];
  lagMs = 0;
  return answer;
}

let lookedMs = performance.now();
setInterval(() => {
  lagMs = Math.max(lagMs, performance.now() - lookedMs - LAG_EVERY_MS);
  lookedMs = performance.now();
}, LAG_EVERY_MS);

let rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const words = (rest + text).split("\n");
  rest = words.pop()!;
  for (const word of words) {
    if (word === "join") join();
    else if (word === "vanish") vanish();
    else if (word === "report") console.log(JSON.stringify(report()));
  }
}
