import { assertEquals } from "@std/assert";

const FORBIDDEN =
  /\b(Date\.|performance\.|Math\.random|setTimeout|setInterval|queueMicrotask|crypto\.|fetch\(|Deno\.|WebSocket|await|console\.)/;

Deno.test("the swarm reads no clock, draws no random number and does no I/O of its own", async () => {
  const folder = new URL("../../../edge/swarm/", import.meta.url);
  const found: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const lines = (await Deno.readTextFile(new URL(name, folder))).split("\n");
    found.push(...lines.filter((line) => FORBIDDEN.test(line)).map((line) => `${name}: ${line}`));
  }
  assertEquals(found, []);
});
