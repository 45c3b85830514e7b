import { assertEquals, assertMatch } from "@std/assert";
import type { TributaryState } from "../../../web/api.ts";
import { diagnose, type Findings } from "../../../web/player/diagnosis.ts";

const sharing: Findings = {
  secure: true,
  hasWorkers: true,
  workerError: undefined,
  controlled: true,
  bypassed: false,
  hasWebRtc: true,
  everOnline: true,
  online: true,
  refused: undefined,
  state: "on-air",
  hasMedia: true,
  bufferSeconds: 5,
  viewers: 5,
  peers: 3,
  failedConnections: 0,
  uploads: true,
  metered: false,
  uploadOn: true,
  uploadCap: 1e6,
};

const cases: readonly {
  readonly what: string;
  readonly found: Partial<Findings>;
  readonly state: TributaryState;
  readonly says: RegExp;
}[] = [
  {
    what: "plain HTTP",
    // No service worker there either: the cause is named, not its effect.
    found: { secure: false, hasWorkers: false, controlled: false },
    state: "edge-only",
    says: /HTTPS/,
  },
  {
    what: "a browser without service workers",
    found: { hasWorkers: false, controlled: false },
    state: "edge-only",
    says: /no service worker/,
  },
  {
    what: "a worker that could not be registered",
    found: { workerError: "404 for /sw.js", controlled: false },
    state: "edge-only",
    says: /could not start: 404 for \/sw\.js/,
  },
  {
    what: "a viewer whom the edge refused",
    found: { refused: "unknown channel", online: false },
    state: "edge-only",
    says: /refused this viewer: unknown channel/,
  },
  {
    what: "a hard reload",
    found: { controlled: false, bypassed: true },
    state: "edge-only",
    says: /hard-reloaded.*reload normally/,
  },
  {
    what: "a first visit",
    found: { controlled: false },
    state: "starting",
    says: /Starting the service worker/,
  },
  {
    what: "a page that joins",
    found: { online: false, everOnline: false, peers: 0 },
    state: "starting",
    says: /Joining/,
  },
  {
    what: "an edge that went away",
    found: { online: false },
    state: "reconnecting",
    says: /edge is away: playing/,
  },
  {
    what: "an edge that stays away",
    found: { online: false, bufferSeconds: 0 },
    state: "reconnecting",
    says: /edge is away, and all that was held is played/,
  },
  {
    what: "a source that was never there",
    found: { hasMedia: false, state: "upstream-down", uploads: false, uploadCap: 0 },
    state: "starting",
    says: /source is away: there is nothing to share yet/,
  },
  {
    what: "a channel off air",
    found: { hasMedia: false, state: "off-air" },
    state: "starting",
    says: /Nothing is on air/,
  },
  {
    what: "a channel that begins",
    found: { hasMedia: false, state: "starting" },
    state: "starting",
    says: /Waiting for the channel’s first media/,
  },
  {
    what: "a browser without WebRTC",
    found: { peers: 0, hasWebRtc: false },
    state: "alone",
    says: /WebRTC is blocked/,
  },
  {
    what: "the only viewer",
    found: { peers: 0, viewers: 1, failedConnections: 2 },
    state: "alone",
    says: /Nobody else/,
  },
  {
    what: "others out of reach",
    found: { peers: 0, failedConnections: 1 },
    state: "alone",
    says: /no direct connection/,
  },
  {
    what: "a viewer that has only just come",
    found: { peers: 0 },
    state: "alone",
    says: /Looking for partners/,
  },
  { what: "partners", found: {}, state: "sharing", says: /^Sharing with 3 partners\.$/ },
  {
    what: "one partner",
    found: { peers: 1 },
    state: "sharing",
    says: /^Sharing with one partner\.$/,
  },
  {
    what: "a metered link",
    found: { uploads: false, metered: true },
    state: "sharing",
    says: /^Receiving from 3 partners.*metered/,
  },
  {
    what: "a viewer who switched uploading off",
    found: { uploads: false, uploadOn: false },
    state: "sharing",
    says: /^Receiving.*switched off/,
  },
  {
    what: "a cap of nothing",
    found: { uploads: false, uploadCap: 0 },
    state: "sharing",
    says: /^Receiving.*cap is zero/,
  },
  {
    what: "a page that is hidden and paused",
    found: { uploads: false },
    state: "sharing",
    says: /^Receiving.*hidden and paused/,
  },
];

for (const { what, found, state, says } of cases) {
  Deno.test(`the page's state is told truly: ${what}`, () => {
    const told = diagnose({ ...sharing, ...found });
    assertEquals(told.state, state);
    assertMatch(told.reason, says);
    assertMatch(told.reason, /^[A-Z].*\S$/, "one sentence for people");
  });
}

Deno.test("every sentence of the diagnosis is its own", () => {
  const reasons = cases.map(({ found }) => diagnose({ ...sharing, ...found }).reason);
  assertEquals(new Set(reasons).size, cases.length);
});
