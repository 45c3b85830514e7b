/** What an element asks of a film, and how it is answered from pieces. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cutFile, piecesOfRange } from "../../../edge/protocol/file_index.ts";
import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { pieceSpan, type Span } from "../../../edge/protocol/pieces.ts";
import { BRIDGE_VERSION, type PageAnswer, type PageMessage, partUrl } from "../../../sw/bridge.ts";
import { openFilmAnswers, partOf } from "../../../web/player/film_answers.ts";

const MIB = 1024 * 1024;
const LENGTH = 3 * MIB + 5_000;
const FILM = Uint8Array.from({ length: LENGTH }, (_, at) => (at * 7) % 253);
const url = "https://edge.example/vod/film.mp4";
const file = {
  epoch: 1,
  rendition: 0,
  uri: "film.mp4",
  length: LENGTH,
  durationMs: 0,
  root: new Uint8Array(16),
  ...cutFile(LENGTH),
};
const index = { file, roots: new Uint8Array(16 * 4) };

function scene() {
  const container = new EventTarget() as EventTarget & Record<string, unknown>;
  const told: PageMessage[] = [];
  container["controller"] = { postMessage: (message: PageMessage) => void told.push(message) };
  container["startMessages"] = () => {};
  const demands = new Map<number, { entry: LedgerEntry; pieces: Span }>();
  const abandoned: number[] = [];
  const given: Span[] = [];
  const answers = openFilmAnswers(container as unknown as ServiceWorkerContainer, {
    url,
    cacheBytes: 1,
    isPast: () => false,
    index: () => index,
    silenceMs: () => 1_000,
    demand: (id, entry, pieces) => void demands.set(id, { entry, pieces }),
    abandon: (id) => void abandoned.push(id),
    given: (span) => void given.push(span),
    served() {},
  });
  /** The worker asks; what comes back is collected. */
  function ask(range: string | null) {
    const said: PageAnswer[] = [];
    const port = { postMessage: (word: PageAnswer) => void said.push(word), close() {} };
    const message = { type: "tributary:request", version: BRIDGE_VERSION, url, wants: "stream" };
    const data = { ...message, range, port };
    container.dispatchEvent(new MessageEvent("message", { data }));
    return { said, port: port as typeof port & { onmessage?: (event: unknown) => void } };
  }
  return { answers, ask, demands, abandoned, given, told };
}

function bytesOf(said: PageAnswer[]): Uint8Array {
  const chunks = said.flatMap((word) => word.type === "chunk" ? [...word.bytes] : []);
  return Uint8Array.from(chunks);
}

Deno.test("whatever range is asked for, its first bytes come, in whatever order blocks arrive", () => {
  const order = fc.array(fc.nat(), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(fc.nat(LENGTH - 1), fc.nat(LENGTH), order, (from, more, turns) => {
      const { answers, ask, demands } = scene();
      const { said } = ask(`bytes=${from}-${from + more}`);
      const waiting = [...demands].map(([id, { entry, pieces }]) => ({
        id,
        entry,
        pieces,
        at: pieces.from,
      }));
      for (let step = 0; waiting.length > 0; step++) {
        const turn = turns[step % turns.length]! % waiting.length;
        const one = waiting[turn]!;
        const span = pieceSpan(one.entry, one.at++);
        const begin = one.entry.offset!;
        answers.deliver(one.id, FILM.slice(begin + span.from, begin + span.to));
        if (one.at >= one.pieces.to) waiting.splice(turn, 1);
      }
      const part = partOf(`bytes=${from}-${from + more}`, index)!;
      assertEquals(said.map(({ type }) => type).filter((type) => type !== "chunk"), [
        "working",
        "head",
        "end",
      ]);
      assert(part.to > part.from && part.to - part.from <= 2 * MIB);
      const bytes = bytesOf(said);
      assertEquals(bytes.length, part.to - part.from);
      assert(bytes.every((byte, at) => byte === FILM[part.from + at]));
    }),
    { numRuns: 30 },
  );
});

Deno.test("a seek takes back what was asked for", () => {
  const { ask, demands, abandoned } = scene();
  const { port } = ask("bytes=0-");
  assertEquals(demands.size, piecesOfRange(file, { from: 0, to: 2 * MIB }).length);
  port.onmessage!({ data: { type: "done", used: false } });
  assertEquals(abandoned, [...demands.keys()]);
});

Deno.test("what cannot be met goes to the network, and what was begun is ended there", () => {
  const { answers, ask, demands, abandoned } = scene();
  assertEquals(ask(null).said.map(({ type }) => type), ["network"]);
  assertEquals(ask("bytes=-5").said.map(({ type }) => type), ["network"]);
  assertEquals(ask(`bytes=${LENGTH}-`).said.map(({ type }) => type), ["network"]);
  const { said } = ask("bytes=0-");
  answers.deliver(1, FILM.slice(0, file.pieceBytes));
  answers.decline(2, "no longer kept");
  assertEquals(said.map(({ type }) => type), ["working", "head", "chunk", "network"]);
  assertEquals(abandoned, [1]);
  answers.deliver(1, FILM.slice(file.pieceBytes, 2 * file.pieceBytes));
  assertEquals(said.length, 4);
  assertEquals(demands.size, 2);
});

Deno.test("a whole block goes to the worker under the byte that it begins with", async () => {
  const { answers, told } = scene();
  answers.keep(MIB, [FILM.slice(MIB, MIB + 10), FILM.slice(MIB + 10, MIB + 15)]);
  const [kept] = told.filter((message) => message.type === "tributary:keep");
  assertEquals(kept?.url, partUrl(url, MIB));
  assertEquals(await kept!.body.bytes(), FILM.slice(MIB, MIB + 15));
});
