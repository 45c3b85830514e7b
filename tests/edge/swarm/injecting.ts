/** Who is told to inject which runs, and what they say of it. */
import { type Mailbox, peerId, runsOf, setStage } from "./stage.ts";

export type Stage = ReturnType<typeof setStage>;

export const ALL = [0, 1, 2, 3, 4, 5, 6, 7];
/** An injector is let go within this if it does not have its runs, ms. */
export const MOST_PATIENCE_MS = 3_000;

export const injected = (sequence: number, runs: number[]) =>
  ({ type: "injected", unit: `1.0.${sequence}`, runs }) as const;

/** All of a segment's runs by who was told of them, the sockets from 1 on. */
export function plan(boxes: readonly Mailbox[], sequence: number): number[][] {
  return boxes.map((box) => runsOf(box, sequence).toSorted());
}

/** The injectors say that they have their runs. */
export function confirm(stage: Stage, boxes: readonly Mailbox[], sequence: number): void {
  boxes.forEach((box, at) => {
    const runs = runsOf(box, sequence);
    if (runs.length > 0) stage.say(at + 1, injected(sequence, runs));
  });
}

/** A member hears nothing of those with these sockets. */
export function callSilent(stage: Stage, socket: number, of: readonly number[]): void {
  const silent = of.map(peerId);
  stage.say(socket, { type: "seek", want: 1, known: silent, silent });
}
