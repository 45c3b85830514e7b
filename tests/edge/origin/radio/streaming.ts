import { concat } from "@std/bytes/concat";
import type { Contributor } from "../../../../edge/origin/channel_origin.ts";
import type { FakeOptions } from "../../fake_platform.ts";
import { mp3Frame } from "../../media/cutting/streams.ts";
import { sending, SOURCE } from "../push/sending.ts";

/** A source that sends without end, until it is told to stop. */
export interface Encoder {
  send(...parts: readonly Uint8Array<ArrayBuffer>[]): void;
  /** Ends its stream. */
  leave(): void;
  /** Loses its connection. */
  fail(): void;
  readonly answer: Promise<Response>;
}

/** A channel that scripted sources send streams to. */
export function streaming(options: FakeOptions = {}) {
  const stage = sending(options);
  return {
    ...stage,
    encode(
      { from = SOURCE, type = "audio/mpeg", headers = {} }: {
        from?: Contributor;
        type?: string;
        headers?: Record<string, string>;
      } = {},
    ): Encoder {
      let controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start: (own) => void (controller = own),
      });
      const request = new Request("http://edge.test/cam", {
        method: "PUT",
        body,
        headers: { "Content-Type": type, ...headers },
      });
      return {
        send: (...parts) => controller.enqueue(concat(parts)),
        leave: () => controller.close(),
        fail: () => controller.error(new Error("the connection ended")),
        answer: stage.origin.receive!(request, from),
      };
    },
    published: () => stage.log.entries(0).length,
  };
}

/** Frames of MP3 that last `seconds`, near enough: 38 frames are 0.9927 s. */
export function mp3(seconds: number, seed = 0): Uint8Array<ArrayBuffer> {
  return concat(Array.from({ length: 38 * seconds }, (_, at) => mp3Frame(seed + at)));
}
