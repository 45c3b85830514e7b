import { assertEquals } from "@std/assert";
import { capChoices, capOf, choiceOf, defaultWords } from "../../../web/panel/upload_cap.ts";

Deno.test("every choice but the default comes back from its cap, through JSON too", () => {
  for (const { value } of capChoices.filter(({ value }) => value !== "default")) {
    const stored = JSON.parse(JSON.stringify(capOf(value)));
    assertEquals(choiceOf(stored), value);
  }
});

Deno.test("the default is no cap of the viewer's", () => {
  assertEquals(capOf("default"), undefined);
  assertEquals(choiceOf(283_000), "default");
});

Deno.test("the choices are told in bits", () => {
  assertEquals(capChoices.map(({ words }) => words), [
    "default",
    "500 kbit/s",
    "1 Mbit/s",
    "2 Mbit/s",
    "5 Mbit/s",
    "10 Mbit/s",
    "no limit",
  ]);
});

Deno.test("the default tells what it comes to while it is in force", () => {
  assertEquals(defaultWords(285_000), "default: 2.28 Mbit/s");
  assertEquals(defaultWords(125_000), "default");
  assertEquals(defaultWords(0), "default");
});
