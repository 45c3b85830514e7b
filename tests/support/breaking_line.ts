import { freePort } from "./free_port.ts";

/** The line between a client and a TCP port of this machine, which can break while both stay up. */
export interface BreakingLine extends AsyncDisposable {
  readonly port: number;
  /** Every connection is closed, and new ones are refused. */
  cut(): Promise<void>;
  /** Connections stay open, new ones are taken, and nothing passes. */
  stall(): void;
  /** Connections that were stalled are closed, new ones pass. */
  mend(): Promise<void>;
}

export function startBreakingLine(target: number): BreakingLine {
  const port = freePort();
  const open = new Set<Deno.TcpConn>();
  let stalled = false;
  let listener: Deno.TcpListener | undefined;
  let accepting: Promise<void> = Promise.resolve();

  async function carry(near: Deno.TcpConn): Promise<void> {
    const far = await Deno.connect({ hostname: "127.0.0.1", port: target });
    open.add(near).add(far);
    await Promise.allSettled([pass(near, far), pass(far, near)]);
    for (const one of [near, far]) close(one);
  }

  async function pass(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const writer = to.writable.getWriter();
    for await (const bytes of from.readable) {
      // What was under way is lost with its connection.
      if (!stalled) await writer.write(bytes);
    }
    await writer.close();
  }

  function close(one: Deno.TcpConn): void {
    open.delete(one);
    try {
      one.close();
    } catch {
      // Its other end was faster.
    }
  }

  function listen(): void {
    const own = listener = Deno.listen({ hostname: "127.0.0.1", port });
    accepting = (async () => {
      for await (const near of own) void carry(near).catch(() => close(near));
    })();
  }

  async function cut(): Promise<void> {
    listener?.close();
    listener = undefined;
    await accepting;
    for (const one of open) close(one);
  }

  listen();
  return {
    port,
    cut,
    stall: () => void (stalled = true),
    async mend() {
      await cut();
      stalled = false;
      listen();
    },
    [Symbol.asyncDispose]: cut,
  };
}
