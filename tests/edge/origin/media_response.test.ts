import { assertEquals } from "@std/assert";
import { IMMUTABLE, mediaResponse } from "../../../edge/origin/media_response.ts";

const media = {
  bytes: new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
  contentType: "video/mp4",
  etag: '"abc"',
  cacheControl: IMMUTABLE,
};

function ask(headers: Record<string, string> = {}, method = "GET"): Response {
  return mediaResponse(new Request("http://edge.test/x", { method, headers }), media);
}

Deno.test("a GET gets everything, and what caches and players need to know", async () => {
  const response = ask();
  assertEquals(response.status, 200);
  assertEquals(await response.bytes(), media.bytes);
  assertEquals(Object.fromEntries(response.headers), {
    "accept-ranges": "bytes",
    "cache-control": "public, max-age=3600, immutable",
    "content-length": "10",
    "content-type": "video/mp4",
    "etag": '"abc"',
  });
});

Deno.test("a range gets 206 with its place", async () => {
  const response = ask({ Range: "bytes=3-5" });
  assertEquals(response.status, 206);
  assertEquals(response.headers.get("Content-Range"), "bytes 3-5/10");
  assertEquals(response.headers.get("Content-Length"), "3");
  assertEquals(await response.bytes(), new Uint8Array([3, 4, 5]));
});

Deno.test("a range behind the end gets 416 with the length", () => {
  const response = ask({ Range: "bytes=10-" });
  assertEquals(response.status, 416);
  assertEquals(response.headers.get("Content-Range"), "bytes */10");
  assertEquals(response.headers.get("Content-Type"), null);
});

Deno.test("HEAD has the head of 200 and no body, whatever range it names", async () => {
  const response = ask({ Range: "bytes=3-5" }, "HEAD");
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("Content-Length"), "10");
  assertEquals((await response.bytes()).length, 0);
});

Deno.test("who has it already gets 304", () => {
  for (const header of ['"abc"', 'W/"abc"', '"x", "abc"', "*"]) {
    assertEquals(ask({ "If-None-Match": header }).status, 304, header);
  }
  assertEquals(ask({ "If-None-Match": '"abcd"' }).status, 200);
  assertEquals(ask({ "If-None-Match": '"abc"', Range: "bytes=0-1" }).status, 304);
});

Deno.test("If-Range lets a range stand only for the same bytes", () => {
  assertEquals(ask({ Range: "bytes=3-5", "If-Range": '"abc"' }).status, 206);
  for (const header of ['"other"', 'W/"abc"', "Wed, 21 Oct 2015 07:28:00 GMT"]) {
    assertEquals(ask({ Range: "bytes=3-5", "If-Range": header }).status, 200, header);
  }
});
