import { assertEquals, assertStringIncludes } from "@std/assert";
import { describeTrouble } from "../../../web/site/trouble.ts";

const title = (circumstances: Parameters<typeof describeTrouble>[0]) =>
  describeTrouble(circumstances).title;

Deno.test("the edge and the channel are blamed before the browser", () => {
  for (const code of [2, 3, 4]) {
    for (const playsHls of [true, false]) {
      assertEquals(title({ code, playsHls, state: undefined }), "The edge does not answer");
      assertEquals(title({ code, playsHls, state: "off-air" }), "Off air");
      assertEquals(title({ code, playsHls, state: "upstream-down" }), "The source is away");
    }
  }
});

Deno.test("a browser without HLS is told where the stream plays", () => {
  const trouble = describeTrouble({ code: 4, playsHls: false, state: "on-air" });
  assertEquals(trouble.title, "This browser does not play HLS");
  assertStringIncludes(trouble.advice, "VLC");
  assertEquals(title({ code: 4, playsHls: true, state: "on-air" }), "The video broke off");
});

Deno.test("damage is told from a broken connection", () => {
  assertEquals(
    title({ code: 3, playsHls: true, state: "on-air" }),
    "The picture could not be decoded",
  );
  assertEquals(title({ code: 2, playsHls: true, state: "on-air" }), "The video broke off");
});
