/** The page's end of the contract with the worker for the endless stream of a channel: a lazy part. */
import type { Bytes } from "../../edge/media/stream/bytes.ts";
import { type ChangeSignal, createChangeSignal } from "../../edge/media/stream/change_signal.ts";
import { RESUME_HEADER } from "../../edge/media/stream/resume.ts";
import {
  BRIDGE_VERSION,
  goesOnFrom,
  type PageAnswer,
  type PageMessage,
  type WorkerMessage,
  type WorkerReply,
} from "../../sw/bridge.ts";
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import type { ChannelView, SwarmSession } from "../net/swarm_session.ts";
import { createSwarmStream } from "../stream/swarm_stream.ts";
import { readElement } from "./element.ts";
import { openLinkMeter } from "./link_meter.ts";
import type { Ledger } from "./ledger.ts";
import type { BridgeOptions, WorkerBridge } from "./worker_bridge.ts";
import type { WorkerState } from "./worker_registration.ts";

/** How long the worker shall wait for who has heard more than is known here, ms: for the next segment. */
const WORKING_MS = 4_000;
/** How often a page asks the edge what plays, ms: each one that is looked at does. */
const TITLE_EVERY_MS = 30_000;

export interface StreamBridgeOptions extends BridgeOptions {
  readonly name: string;
  /** Absolute URL of the edge, ending in a slash. */
  readonly edge: string;
  readonly element: HTMLMediaElement;
  readonly ledger: Ledger;
  readonly session: SwarmSession;
  readonly worker: WorkerState;
  /** Whether it is likely that the unit can be had. */
  isPlayable(entry: LedgerEntry): boolean;
}

const BEGAN_PAST = {
  state: "edge-only" as const,
  reason: "This stream began to play before sharing was set up: reload the page to share it.",
};

/** `HTMLMediaElement.NETWORK_NO_SOURCE`: nothing of what it names could be played. */
const NO_SOURCE = 3;

/**
 * Opens the bridge of a page whose element plays `/stream/CHANNEL`, or by it a list of the channel
 * that the browser cannot read.
 */
export function openStreamBridge(
  container: ServiceWorkerContainer,
  options: StreamBridgeOptions,
): WorkerBridge {
  const { name, edge, element, ledger, session, worker, hls } = options;
  const url = `${edge}stream/${name}`;
  const changes = createChangeSignal();
  let closed = false;
  let greeted = false;
  /** What the element plays began on a first visit, past the worker: it is one answer without an end. */
  let past = element.readyState > 0 && !worker.controlledFirst();
  /** What plays, as far as it is known; and what the browser was told of it. */
  let title = "";
  let shown: MediaMetadata | null = null;
  /** The unit whose media went to the element last. */
  let given: { readonly rendition: number; readonly sequence: number } | undefined;
  /** Where the element began, as a resume token: the worker forgets it. */
  let beganAt: string | null = null;

  const link = openLinkMeter(edge);

  const bufferMs = () => readElement(element).bufferSeconds * 1000;
  const stream = createSwarmStream({
    name,
    stats: `${edge}api/channels/${name}/stats`,
    base: options.base,
    ledger,
    session: () => session,
    isPlayable: options.isPlayable,
    changes,
    closed: () => closed,
    titleEveryMs: TITLE_EVERY_MS,
    past: (bytes) => options.served("", "edge", bytes, undefined),
    bufferMs,
    reading: (rendition, sequence) => given = { rendition, sequence },
    now: () => performance.now(),
  });

  function tell(message: PageMessage, ports: MessagePort[] = []): void {
    container.controller?.postMessage(message, ports);
  }
  function plays(ports: MessagePort[] = []): void {
    tell({ type: "tributary:plays", hls, bandwidth: link.measured(), hint: link.hint() }, ports);
  }
  function hello(): void {
    const { cacheBytes } = options;
    // Who says that it is there is asked at once.
    greeted = stream.ready() !== undefined;
    // Firefox ends a worker after half a minute without a word, and with it what the element plays.
    plays();
    if (greeted) tell({ type: "tributary:hello", version: BRIDGE_VERSION, base: url, cacheBytes });
  }

  function onMessage({ data }: MessageEvent<WorkerMessage>): void {
    if (!data?.type?.startsWith("tributary:") || data.url.split("?")[0] !== url) return;
    if (data.type === "tributary:served") {
      options.served("", data.from, data.bytes, undefined);
      beganAt = new URL(data.url).searchParams.get("resume");
    } else if (data.version === BRIDGE_VERSION) onRequest(data);
  }

  async function onRequest(
    { url: asked, range, port }: Extract<WorkerMessage, { type: "tributary:request" }>,
  ): Promise<void> {
    const answer = (message: PageAnswer, transfer: Transferable[] = []) =>
      port.postMessage(message, transfer);
    let used = true;
    port.onmessage = ({ data }: MessageEvent<WorkerReply>) => {
      used = data.used;
      port.close();
    };
    try {
      if (!stream.ready()) throw new Error("nothing to begin with yet");
      answer({ type: "working", ms: WORKING_MS });
      const { headers, body } = await stream.answer(new Request(placed(asked, range)));
      if (!used) return await body!.cancel();
      beganAt = headers.get(RESUME_HEADER)!;
      const alive = withPulse(body!, changes, () => session.view());
      answer({
        type: "endless",
        contentType: headers.get("content-type")!,
        token: beganAt,
        body: alive,
      }, [alive as unknown as Transferable]);
    } catch (error) {
      answer({ type: "network", reason: String(error) });
    }
  }

  /** What a worker that has forgotten where the element began asks for. Throws where that is not known here either. */
  function placed(asked: string, range: string | null): string {
    const from = goesOnFrom(range);
    if (from === 0 || new URL(asked).searchParams.has("resume")) return asked;
    if (!beganAt) throw new Error("nobody knows what was begun");
    return `${url}?${new URLSearchParams({ resume: beganAt, from: `${from}` })}`;
  }

  /** Looks what plays in the element now: what was given, less what it has in its buffer. */
  function lookForTitle(): void {
    const { paused, hidden } = readElement(element);
    if (paused || hidden || !given) return;
    const { rendition, sequence } = given;
    const entries = ledger.rendition(rendition);
    const last = entries.find(({ unit }) => unit.sequence === sequence);
    const playsMs = (last?.startMs ?? 0) - bufferMs();
    const playing = entries.findLast(({ startMs }) => startMs <= playsMs) ?? entries[0];
    title = playing ? stream.titleAt(playing.unit.sequence) : "";
    const { mediaSession } = navigator;
    // What the site says itself stands.
    if (!mediaSession || mediaSession.metadata !== shown) return;
    const text = title || session.view().description?.title || name;
    if (shown?.title !== text) mediaSession.metadata = shown = new MediaMetadata({ title: text });
  }

  /** What it plays has its beginning. */
  function began(): void {
    past = !worker.controlled();
  }

  /**
   * An element that nobody has played yet may as well begin through the worker; one that got a list
   * which it cannot read has to, once the worker knows that it must not be given it again.
   */
  function loadAgain(): void {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      const { played, paused, autoplay, error, networkState, readyState } = element;
      const failed = error !== null || networkState === NO_SOURCE;
      const address = (element.currentSrc || element.src).split("#")[0]!;
      const isList = !address.startsWith(url);
      if (isList && readyState === 0 && (failed || !worker.controlledFirst())) {
        // Of an address that it knows Chromium (156) takes what came before.
        element.src = `${address}#live`;
      } else if (past && paused && !autoplay && played.length === 0) element.load();
      else return;
      // Somebody has pressed play already.
      if (!paused) element.play().catch(() => {});
    };
    plays([port2]);
  }

  /** What ends while the channel is on air broke off: the worker was ended, or the source began anew. */
  function goOn(): void {
    if (!element.ended || session.view().state !== "on-air") return;
    element.load();
    element.play().catch(() => {});
  }

  function wake(): void {
    stream.wantInits();
    if (!greeted && stream.ready()) hello();
    changes.raise();
  }

  // Firefox asks no worker for what an element gets from another site without it.
  if (new URL(edge).origin !== location.origin) element.crossOrigin ??= "anonymous";
  container.addEventListener("message", onMessage);
  container.addEventListener("controllerchange", hello);
  container.addEventListener("controllerchange", loadAgain);
  container.startMessages();
  element.addEventListener("loadedmetadata", began);
  if (worker.controlled()) loadAgain();

  return {
    hello,
    asked() {},
    ledgerGrew: wake,
    beat() {
      wake();
      goOn();
      lookForTitle();
    },
    facts: () => ({
      ...(title ? { title } : {}),
      ...(past && worker.controlled() ? BEGAN_PAST : {}),
    }),
    deliver: stream.units.deliver,
    decline: stream.units.decline,
    close() {
      closed = true;
      changes.raise();
      container.removeEventListener("message", onMessage);
      container.removeEventListener("controllerchange", hello);
      container.removeEventListener("controllerchange", loadAgain);
      element.removeEventListener("loadedmetadata", began);
      tell({ type: "tributary:bye", base: url });
    },
  };
}

/**
 * The same body, with an empty chunk whenever `changes` are raised and nothing is there, as long as
 * the session would hear of more. It errors where a channel on air ends: the network may have more.
 */
function withPulse(
  body: ReadableStream<Bytes>,
  changes: ChangeSignal,
  view: () => Pick<ChannelView, "online" | "state">,
): ReadableStream<Bytes> {
  const reader = body.getReader();
  let reading: ReturnType<typeof reader.read> | undefined;
  return new ReadableStream<Bytes>({
    async pull(controller) {
      for (;;) {
        reading ??= reader.read();
        const result = await Promise.race([reading, changes.next()]);
        if (result) {
          reading = undefined;
          if (!result.done) return controller.enqueue(result.value);
          if (view().state === "off-air") return controller.close();
          throw new Error("the stream ends here");
        }
        if (view().online) return controller.enqueue(new Uint8Array());
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
