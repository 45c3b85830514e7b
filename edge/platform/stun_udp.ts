import { answerStun } from "./stun.ts";

export interface StunServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Answers STUN binding requests over UDP. Throws `Deno.errors.AddrInUse` where the port is taken. */
export function startStun({ host, port }: { host: string; port: number }): StunServer {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: host, port });
  const served = serve(socket);
  return {
    port: (socket.addr as Deno.NetAddr).port,
    stop() {
      socket.close();
      return served;
    },
  };
}

async function serve(socket: Deno.DatagramConn): Promise<void> {
  for await (const [packet, from] of socket) {
    if (from.transport !== "udp") continue;
    const answer = answerStun(packet, { address: from.hostname, port: from.port });
    // Nobody waits for one lost answer: who asked asks again.
    if (answer) await socket.send(answer, from).catch(() => {});
  }
}
