import { decodeFileIndex, type FileIndex, isIndexWhole } from "../../edge/protocol/file_index.ts";
import { MARK, STALLED_MS } from "./edge_http.ts";

/**
 * The index of a film. `later`: it is being made, or the edge is away; `none`: the edge will not give
 * one, and who asks again is told the same.
 */
export async function fetchFileIndex(url: string): Promise<FileIndex | "later" | "none"> {
  try {
    const response = await fetch(`${url}?index&${MARK}`, {
      credentials: "omit",
      signal: AbortSignal.timeout(STALLED_MS),
    });
    const body = new Uint8Array(await response.arrayBuffer());
    if (response.status === 202 || response.status >= 500) return "later";
    const index = response.ok ? decodeFileIndex(body) : undefined;
    return index && await isIndexWhole(index) ? index : "none";
  } catch {
    return "later";
  }
}
