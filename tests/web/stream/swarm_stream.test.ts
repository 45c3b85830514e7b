/** The endless stream as it is read out of the swarm. */
import { assertEquals, assertRejects } from "@std/assert";
import { createChangeSignal } from "../../../edge/media/stream/change_signal.ts";
import { StreamError } from "../../../edge/media/stream/stream_error.ts";
import { createLedger } from "../../../web/player/ledger.ts";
import { createSwarmStream, type SwarmStreamOptions } from "../../../web/stream/swarm_stream.ts";
import { DESCRIPTION, soundApart } from "../../edge/sound_apart.ts";

Deno.test("a relay that has no partners yet asks for patience, though sound comes apart", async () => {
  const { log, pictures, sound } = soundApart();
  for (const at of [0, 1]) await Promise.all([sound(at), pictures(at)]);
  const ledger = createLedger();
  for (const entry of log.entries()) ledger.add(entry);
  const view = () => ({ description: DESCRIPTION, state: "on-air", online: false, backlog: 0 });
  const stream = createSwarmStream({
    name: "cam",
    stats: "http://edge.test/api/channels/cam/stats",
    base: "http://edge.test/live/cam/",
    ledger,
    session: () => ({ view }) as unknown as ReturnType<SwarmStreamOptions["session"]>,
    isPlayable: () => false,
    changes: createChangeSignal(),
    closed: () => false,
    past() {},
    titleEveryMs: 1_000,
    now: () => 0,
  });
  const error = await assertRejects(
    () => stream.answer(new Request("http://localhost:7144/stream/cam")),
    StreamError,
  );
  assertEquals([error.status, error.code], [503, "channel-not-ready"]);
});
