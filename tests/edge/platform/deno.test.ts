import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { CodedError } from "../../../edge/media/coded_error.ts";
import { createDenoPlatform } from "../../../edge/platform/deno.ts";
import { createMemoryStore } from "../../../edge/platform/memory.ts";
import type { Store } from "../../../edge/platform/platform.ts";

async function inTempDir(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function checkStore(store: Store): Promise<void> {
  const value = { epoch: 3, when: new Date(0), bytes: Uint8Array.of(1, 2) };
  assertEquals(await store.get(["channel", "demo"]), undefined);
  await store.set(["channel", "demo"], value);
  value.bytes[0] = 9;
  assertEquals(await store.get(["channel", "demo"]), { ...value, bytes: Uint8Array.of(1, 2) });
  assertEquals(await store.get(["channel/demo"]), undefined);
  await store.delete(["channel", "demo"]);
  assertEquals(await store.get(["channel", "demo"]), undefined);
}

Deno.test("the memory store keeps values under keys, as their own copies", async () => {
  await checkStore(createMemoryStore());
});

Deno.test("the store in the data folder does the same, and outlasts a restart", async () => {
  await inTempDir(async (folder) => {
    const dataDir = join(folder, "not", "there", "yet");
    const first = await createDenoPlatform({ dataDir, distDir: folder });
    await checkStore(first.store);
    await first.store.set(["epoch"], 7);
    first.close();
    const second = await createDenoPlatform({ dataDir, distDir: folder });
    assertEquals(await second.store.get(["epoch"]), 7);
    second.close();
  });
});

Deno.test("a data folder that is a file is a coded error that names --data", async () => {
  await inTempDir(async (folder) => {
    const dataDir = join(folder, "file");
    await Deno.writeTextFile(dataDir, "");
    const error = await assertRejects(
      () => createDenoPlatform({ dataDir, distDir: folder }),
      CodedError,
      dataDir,
    );
    assertEquals(error.code, "data-unusable");
    assertEquals(error.hint.includes("--data"), true);
  });
});

Deno.test("assets come from the built folder and from nowhere else", async () => {
  await inTempDir(async (folder) => {
    const distDir = join(folder, "dist");
    await Deno.mkdir(join(distDir, "site"), { recursive: true });
    await Deno.writeTextFile(join(distDir, "site", "a.css"), "body{}");
    await Deno.writeTextFile(join(folder, "secret.txt"), "secret");
    const platform = await createDenoPlatform({ dataDir: folder, distDir });
    const text = async (path: string) => {
      const bytes = await platform.asset(path);
      return bytes && new TextDecoder().decode(bytes);
    };
    assertEquals(await text("site/a.css"), "body{}");
    for (
      const path of ["../secret.txt", "site/../../secret.txt", "/etc/passwd", "site", "", "nope"]
    ) {
      assertEquals(await text(path), undefined, path);
    }
    await Deno.writeTextFile(join(distDir, "nope"), "built since");
    assertEquals(await text("nope"), "built since");
    platform.close();
  });
});
