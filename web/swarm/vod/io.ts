import type { FileIndex } from "../../../edge/protocol/file_index.ts";
import type { Span } from "../../../edge/protocol/pieces.ts";
import type { Unit } from "../../../edge/protocol/unit.ts";
import type { EngineInput } from "../io.ts";

/** What the shell tells the engine of a file: as in live, but for the ledger and what is asked for. */
export type VodInput<Payload> =
  | Exclude<EngineInput<Payload>, { type: "ledger" | "demand" }>
  /** A file, and the roots of its blocks from block `from` on, from the edge. */
  | { type: "file"; index: FileIndex; from: number }
  /**
   * The element asks for these pieces of a block. The first is due at `deadlineMs`, the others as the
   * file plays on. They are delivered in order.
   */
  | { type: "range"; demand: number; unit: Unit; pieces: Span; deadlineMs: number }
  /** The element plays this byte of the file of a rendition now, and `rate` bytes/s from there; 0: paused. */
  | { type: "position"; rendition: number; offset: number; rate: number };
