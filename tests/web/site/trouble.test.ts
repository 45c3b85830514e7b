import { assertEquals, assertStringIncludes } from "@std/assert";
import { describeTrouble } from "../../../web/site/trouble.ts";

const title = (circumstances: Parameters<typeof describeTrouble>[0]) =>
  describeTrouble(circumstances).title;

Deno.test("the edge and the channel are blamed before the browser", () => {
  for (const code of [2, 3, 4]) {
    for (const lacksHls of [true, false]) {
      assertEquals(title({ code, lacksHls, state: undefined }), "The edge does not answer");
      assertEquals(title({ code, lacksHls, state: "off-air" }), "Off air");
      assertEquals(title({ code, lacksHls, state: "upstream-down" }), "The source is away");
    }
  }
});

Deno.test("a browser without HLS is told where the stream plays", () => {
  const trouble = describeTrouble({ code: 4, lacksHls: true, state: "on-air" });
  assertEquals(trouble.title, "This browser does not play HLS");
  assertStringIncludes(trouble.advice, "VLC");
  assertEquals(title({ code: 4, lacksHls: false, state: "on-air" }), "The video broke off");
});

Deno.test("damage is told from a broken connection", () => {
  assertEquals(
    title({ code: 3, lacksHls: false, state: "on-air" }),
    "The picture could not be decoded",
  );
  assertEquals(title({ code: 2, lacksHls: false, state: "on-air" }), "The video broke off");
});
