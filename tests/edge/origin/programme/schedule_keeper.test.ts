import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CodedError } from "../../../../edge/media/coded_error.ts";
import { createProgrammeFiles } from "../../../../edge/origin/programme/programme_files.ts";
import {
  createScheduleKeeper,
  FRESH_MS,
  loadSchedule,
} from "../../../../edge/origin/programme/schedule_keeper.ts";
import { createFakePlatform } from "../../fake_platform.ts";

const URL_OF_IT = "http://files.test/tv.json?token=secret";
const { signal } = new AbortController();
const schedule = (name: string) => JSON.stringify({ items: [{ url: name }] });

/** A keeper in front of a server that answers what `answer` says. */
async function keeping(first = schedule("a.mp4")) {
  const answer = { text: first, status: 200, etag: '"1"' };
  const asked: (string | null)[] = [];
  const platform = createFakePlatform({
    fetch(_, init) {
      const known = new Headers(init?.headers).get("If-None-Match");
      asked.push(known);
      const { text, status, etag } = answer;
      if (known === etag) return Promise.resolve(new Response(null, { status: 304 }));
      return Promise.resolve(new Response(text, { status, headers: { ETag: etag } }));
    },
  });
  const files = createProgrammeFiles(platform);
  const loaded = (await loadSchedule({ files, url: URL_OF_IT, signal }))!;
  const keeper = createScheduleKeeper({
    platform,
    files,
    name: "tv",
    url: URL_OF_IT,
    first: loaded,
  });
  return {
    answer,
    asked,
    platform,
    current: () => keeper.current().items.map(({ url }) => url.split("/").at(-1)),
    async minuteLater() {
      platform.sleep(FRESH_MS);
      await keeper.refresh(signal);
    },
    refresh: () => keeper.refresh(signal),
  };
}

Deno.test("a schedule is read again once a minute, by its ETag", async () => {
  const { answer, asked, current, minuteLater, refresh, platform } = await keeping();
  await refresh();
  assertEquals(asked, [null]);
  await minuteLater();
  await refresh();
  assertEquals(asked, [null, '"1"']);
  Object.assign(answer, { text: schedule("b.mp4"), etag: '"2"' });
  assertEquals(current(), ["a.mp4"]);
  await minuteLater();
  assertEquals(current(), ["b.mp4"]);
  assertEquals(platform.lines, []);
});

Deno.test("one that cannot be read any more is told of once, and the last good one stays", async () => {
  const { answer, current, minuteLater, platform } = await keeping();
  Object.assign(answer, { text: '{"items": [{"url": 5}]}', etag: '"2"' });
  await minuteLater();
  await minuteLater();
  assertEquals(current(), ["a.mp4"]);
  assertEquals(platform.lines.map(({ code }) => code), ["schedule-unreadable"]);
  assertStringIncludes(platform.lines[0]!.message, "items.0.url must be an address");
  Object.assign(answer, { status: 500 });
  await minuteLater();
  assertStringIncludes(platform.lines[1]!.message, "files.test answered 500");
  Object.assign(answer, { status: 200, text: schedule("c.mp4") });
  await minuteLater();
  assertEquals(current(), ["c.mp4"]);
});

Deno.test("at the start one that cannot be read is an error that says where and what, without tokens", async () => {
  const error = await assertRejects(() => keeping("[]"), CodedError);
  assertEquals(error.code, "schedule-unreadable");
  assertEquals(
    error.message,
    "The schedule files.test/tv.json cannot be read: items is missing.",
  );
});
