import { assertEquals } from "@std/assert";
import { createChannelMedia } from "../../../edge/origin/channel_media.ts";
import { createFakePlatform } from "../fake_platform.ts";

Deno.test("a channel is on air since it began, an interruption that it came back from counted in", () => {
  const platform = createFakePlatform({ now: 5_000 });
  const media = createChannelMedia({
    name: "cam",
    title: "Cam",
    platform,
    state: "off-air",
    emit: () => {},
  });
  const since = (state: ReturnType<typeof media.state>) => {
    media.setState(state);
    platform.sleep(1_000);
    return media.stats().sinceMs;
  };
  assertEquals(since("starting"), undefined);
  assertEquals(since("on-air"), 6_000);
  assertEquals(since("upstream-down"), 6_000);
  assertEquals(since("on-air"), 6_000);
  assertEquals(since("off-air"), undefined);
  assertEquals(since("on-air"), 10_000);
});
