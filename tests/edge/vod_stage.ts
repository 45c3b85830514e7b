/** A data folder with files in it, for an edge without a socket. */
import { dirname, join } from "@std/path";
import { createEdge, type EdgeOptions } from "../../edge/app.ts";
import { createDenoFiles } from "../../edge/platform/deno_files.ts";
import { BUILT } from "./app/fixtures.ts";
import { createFakePlatform, type FakeOptions, type FakePlatform } from "./fake_platform.ts";

export interface VodStage extends AsyncDisposable {
  readonly data: string;
  readonly platform: FakePlatform;
  /** Answers a request for `path`. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Puts a file below the folder of films. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** The edge begins anew, with what it has stored. */
  restart(): void;
}

export type VodStageOptions = FakeOptions & Partial<EdgeOptions>;

export async function vodStage(options: VodStageOptions = {}): Promise<VodStage> {
  const data = await Deno.makeTempDir({ prefix: "tributary-vod-" });
  const stored = new Map<string, unknown>();
  const open = () => {
    const fake = createFakePlatform({ assets: BUILT, ...options, stored });
    const platform = { ...fake, files: createDenoFiles(data) };
    return { platform, edge: createEdge(platform, { channels: [], ...options }) };
  };
  let { platform, edge } = open();
  return {
    data,
    get platform() {
      return platform;
    },
    ask: async (path, init) => await edge.app.request(path, init),
    async put(name, bytes) {
      const path = join(data, "vod", name);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeFile(path, bytes);
    },
    restart() {
      ({ platform, edge } = open());
    },
    async [Symbol.asyncDispose]() {
      await edge.stop();
      await Deno.remove(data, { recursive: true });
    },
  };
}

/** `length` bytes that differ from place to place. */
export function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let x = seed;
  for (let at = 0; at < length; at++) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = x >>> 24;
  }
  return bytes;
}
