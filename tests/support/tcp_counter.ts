import { freePort } from "./free_port.ts";

/** Stands between a client and a TCP port of this machine, and counts what the client sends. */
export interface TcpCounter extends AsyncDisposable {
  readonly port: number;
  /** Bytes of all connections, headers included. */
  readonly sent: number;
}

export function startTcpCounter(target: number): TcpCounter {
  const port = freePort();
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  const open = new Set<Deno.TcpConn>();
  let sent = 0;

  async function carry(near: Deno.TcpConn): Promise<void> {
    const far = await Deno.connect({ hostname: "127.0.0.1", port: target });
    open.add(near).add(far);
    const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        sent += chunk.length;
        controller.enqueue(chunk);
      },
    });
    // Ended as a whole when one side ends; that is all that a source expects.
    await Promise.allSettled([
      near.readable.pipeThrough(counted).pipeTo(far.writable),
      far.readable.pipeTo(near.writable),
    ]);
    open.delete(near);
    open.delete(far);
  }

  const accepting = (async () => {
    for await (const near of listener) void carry(near).catch(() => {});
  })();
  return {
    port,
    get sent() {
      return sent;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      for (const one of open) {
        try {
          one.close();
        } catch {
          // Its other end was faster.
        }
      }
    },
  };
}
