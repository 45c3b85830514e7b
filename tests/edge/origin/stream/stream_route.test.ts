import { assert, assertEquals, assertMatch } from "@std/assert";
import { concat } from "@std/bytes/concat";
import fc from "fast-check";
import { readResume } from "../../../../edge/media/stream/resume.ts";
import { sameBytes } from "../../../../edge/protocol/bytes.ts";
import {
  aloneInit,
  MP3_FRAME_BYTES,
  mp4Fragment,
  mp4Init,
  opusHeaders,
  opusPage,
  SOUND,
} from "../../media/cutting/streams.ts";
import { soundApart } from "../../sound_apart.ts";
import { playlist } from "../push/sending.ts";
import { mp3, streaming } from "../radio/streaming.ts";
import { tsSegment } from "../scripted_upstream.ts";

const URL = "http://edge.test/stream/cam";
type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

/** Reads until `count` bytes have come, or the end. */
async function take(reader: Reader, count: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let have = 0; have < count;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    have += value.length;
  }
  return concat(parts);
}

async function onAir(stream: Uint8Array<ArrayBuffer>, segments: number, type = "audio/mpeg") {
  const stage = streaming();
  const encoder = stage.encode({ type, headers: { "ice-name": "Radio", "ice-genre": "jazz" } });
  encoder.send(stream);
  await stage.until(() => stage.published() >= segments);
  const ask = (query = "", headers: Record<string, string> = {}, method = "GET") =>
    stage.origin.listen(new Request(`${URL}${query}`, { method, headers }));
  return { ...stage, encoder, ask };
}

Deno.test("a listener gets the last seconds at once, then each frame as it comes, then the end", async () => {
  const stream = mp3(11);
  const { ask, encoder, origin, platform } = await onAir(stream, 10);
  const response = await ask();
  assertEquals(response.headers.get("Content-Type"), "audio/mpeg");
  assertEquals(response.headers.get("icy-name"), "Radio");
  assertEquals(response.headers.get("icy-genre"), "jazz");
  const reader = response.body!.getReader();
  // Five segments of 38 frames, and what there is of the next one.
  const burst = await take(reader, 228 * MP3_FRAME_BYTES);
  const at = stream.length - burst.length;
  assert(sameBytes(burst, stream.subarray(at)), "nothing is missing");
  assert(burst.length < stream.length * 7 / 11);
  const more = mp3(1, 7).subarray(0, 3 * MP3_FRAME_BYTES);
  encoder.send(Uint8Array.from(more));
  assertEquals(await take(reader, more.length), more);
  encoder.leave();
  await encoder.answer;
  const end = reader.read();
  await platform.advance(10_000);
  assertEquals((await end).done, true);
  assertEquals(origin.stats().requests.streams, 1);
  assertEquals(origin.stats().sent.streams, burst.length + more.length);
  await origin.stop();
});

Deno.test("a source that comes back within a while is heard on, in the same answer", async () => {
  const { ask, encoder, encode, origin } = await onAir(mp3(3), 2);
  const reader = (await ask()).body!.getReader();
  await take(reader, 1);
  encoder.leave();
  await encoder.answer;
  const again = encode();
  const second = mp3(3, 50);
  again.send(second);
  const heard = await take(reader, mp3(3).length + second.length - 20_000);
  assertEquals(heard.subarray(-1_000), second.subarray(-1_000));
  await origin.stop();
});

Deno.test("the init comes first, and for every song again", async () => {
  const song = (serial: number) =>
    concat([opusHeaders(serial), opusPage(0, serial), opusPage(1, serial)]);
  const { ask, encoder, origin, until, published } = await onAir(
    concat([song(1), opusPage(2, 1)]),
    2,
    "application/ogg",
  );
  const reader = (await ask()).body!.getReader();
  const first = concat([song(1), opusPage(2, 1)]);
  assertEquals(await take(reader, first.length), first);
  encoder.send(song(2), opusPage(2, 2));
  await until(() => published() === 5);
  const second = concat([song(2), opusPage(2, 2)]);
  assertEquals(await take(reader, second.length), second);
  await origin.stop();
});

Deno.test("MP4 begins with its init at a keyframe, and ends where its timeline does", async () => {
  const fragments = [0, 1, 2, 3, 4].map((at) => mp4Fragment(at, at % 2 === 0));
  const { ask, encoder, encode, origin, until, published } = await onAir(
    concat([mp4Init(), ...fragments]),
    2,
    "video/mp4",
  );
  const response = await ask("?burst=1");
  assertEquals(response.headers.get("Content-Type"), "video/mp4");
  const reader = response.body!.getReader();
  const start = concat([mp4Init(), ...fragments.slice(2)]);
  assertEquals(await take(reader, start.length), start);
  encoder.leave();
  await encoder.answer;
  const again = encode({ type: "video/mp4" });
  again.send(mp4Init(), ...fragments);
  await until(() => published() === 5);
  assertEquals((await reader.read()).done, true);
  await origin.stop();
});

Deno.test("who asks for titles gets them in step with the sound", async () => {
  const { ask, encoder, origin, until, published } = await onAir(mp3(1), 0);
  await until(() => origin.retitle!("First"));
  encoder.send(mp3(8));
  await until(() => published() === 8);
  origin.retitle!("Second");
  const response = await ask("", { "Icy-MetaData": "1" });
  assertEquals(response.headers.get("icy-metaint"), "16000");
  assertEquals(response.headers.get("Tributary-Resume"), null, "its bytes are not the stream's");
  const reader = response.body!.getReader();
  const titles = (bytes: Uint8Array) =>
    [...new TextDecoder("latin1").decode(bytes).matchAll(/StreamTitle='(.*?)';/g)].map(([, it]) =>
      it
    );
  assertEquals(titles(await take(reader, 60_000)), ["First"]);
  encoder.send(mp3(4));
  assertEquals(titles(await take(reader, 60_000)), ["Second"]);
  const plain = (await ask()).body!.getReader();
  assertEquals(titles(await take(plain, 60_000)), []);
  await origin.stop();
});

Deno.test("who is so slow that the window goes on without it is dropped; nothing waits for it", async () => {
  const { ask, encoder, origin, platform, until, published } = await onAir(mp3(3), 2);
  const slow = (await ask()).body!.getReader();
  const { buffer, length } = (await slow.read()).value!;
  assertEquals(buffer.byteLength, length, "it holds what it was sent, not the segment");
  for (let count = 0; count < 30; count++) {
    encoder.send(mp3(4));
    await platform.advance(4_000);
    // A segment has 38 frames, and ends when the next frame is there.
    const frames = 38 * (3 + 4 * (count + 1));
    await until(() => published() === Math.floor((frames - 1) / 38));
  }
  const rest = await take(slow, Infinity);
  assert(rest.length < 200_000, `${rest.length} bytes were kept`);
  await origin.stop();
});

Deno.test("a listener goes on at the very byte, by header, by If-Range or by query", async () => {
  const stream = mp3(11);
  const { ask, origin } = await onAir(stream, 10);
  const first = await ask();
  const token = first.headers.get("Tributary-Resume")!;
  const reader = first.body!.getReader();
  const heard = await take(reader, 50_000);
  await reader.cancel();
  const range = `bytes=${heard.length}-`;
  const whole = await take((await ask(`?resume=${token}&from=0`)).body!.getReader(), 60_000);
  assertEquals(whole.subarray(0, heard.length), heard);
  for (
    const [query, headers, status] of [
      ["", { Range: range, "Tributary-Resume": token }, 206],
      ["", { Range: range, "If-Range": first.headers.get("ETag")! }, 206],
      [`?resume=${token}&from=${heard.length}`, {}, 200],
    ] as const
  ) {
    const response = await ask(query, headers);
    assertEquals(response.status, status);
    assertEquals(response.headers.get("Tributary-Resume"), token, "the numbers go on");
    if (status === 206) {
      assertMatch(response.headers.get("Content-Range")!, new RegExp(`^bytes ${heard.length}-`));
    }
    const rest = whole.subarray(heard.length);
    const resumed = response.body!.getReader();
    assertEquals(await take(resumed, rest.length), rest);
    await resumed.cancel();
  }
  await origin.stop();
});

Deno.test("the init counts among the bytes of a stream that is resumed", async () => {
  const stream = concat([opusHeaders(), ...[0, 1, 2, 3].map((at) => opusPage(at))]);
  const { ask, origin } = await onAir(stream, 3, "application/ogg");
  const first = await ask();
  const token = first.headers.get("Tributary-Resume")!;
  const from = opusHeaders().length + 100;
  const resumed = await ask(`?resume=${token}&from=${from}`);
  assertEquals(await take(resumed.body!.getReader(), stream.length - from), stream.subarray(from));
  await origin.stop();
});

Deno.test("where the place is gone, who insists is told, and a browser begins anew", async () => {
  const { ask, origin } = await onAir(mp3(5), 4);
  const headers = { Range: "bytes=100-" };
  for (const token of ["00000000.0.0", "7f7f7f7f.99999999.0"]) {
    const strict = await ask("", { ...headers, "Tributary-Resume": token });
    assertEquals([strict.status, (await strict.json()).error.code], [410, "resume-gone"]);
    assertEquals((await ask(`?resume=${token}&from=100`)).status, 410);
    assertEquals((await ask("", { ...headers, "If-Range": `"${token}"` })).status, 200);
  }
  assertEquals((await ask("", headers)).status, 200);
  const own = (await ask("", {}, "HEAD")).headers.get("Tributary-Resume")!;
  assertEquals(
    (await ask(`?resume=${own}&from=99999999`)).status,
    410,
    "nobody has heard that yet",
  );
  await origin.stop();
});

Deno.test("no header or query makes reading a resume throw", () => {
  const text = fc.string({ unit: fc.constantFrom(...'0123456789abcdef."=-bytes') });
  fc.assert(
    fc.property(text, text, text, (token, range, tag) => {
      const headers = { Range: range, "If-Range": tag };
      const query = new URLSearchParams({ resume: token, from: range });
      readResume(new Request(`${URL}?${query}`, { headers }));
      readResume(new Request(URL, { headers: { ...headers, "Tributary-Resume": token } }));
    }),
  );
});

Deno.test("HEAD tells the same and sends nothing", async () => {
  const { ask, origin } = await onAir(mp3(3), 2);
  const response = await ask("", {}, "HEAD");
  assertEquals([response.status, response.body], [200, null]);
  assertEquals(response.headers.get("Content-Type"), "audio/mpeg");
  assertEquals(origin.stats().requests.streams, 0);
  await origin.stop();
});

Deno.test("a channel with nothing to play says so, and one of files that are whole is a stream", async () => {
  const { origin, live, platform, until, published, put } = streaming();
  const ask = () => origin.listen(new Request(URL));
  const early = await ask();
  assertEquals([early.status, (await early.json()).error.code], [503, "channel-not-ready"]);
  await live(0, 2);
  await platform.advance(1_500);
  await until(() => published() === 3);
  const response = await ask();
  assertEquals(response.headers.get("Content-Type"), "video/mp2t");
  const expected = concat([1, 2].map((at) => tsSegment(`s${at}.ts of 2`)));
  const reader = response.body!.getReader();
  assertEquals(await take(reader, expected.length), expected);
  await put("index.m3u8", playlist(0, 2, undefined, ["#EXT-X-ENDLIST"]));
  assertEquals((await reader.read()).done, true);
  await until(() => origin.stats().state === "off-air");
  assertEquals((await ask()).status, 503);
  await origin.stop();
});

Deno.test("where picture and sound come apart, the answer points to HLS", async () => {
  const { origin, put, until, published } = streaming();
  for (const name of ["v", "a"]) {
    await put(`${name}0.ts`, tsSegment(name));
    await put(`${name}.m3u8`, playlist(0, 0, (at) => `${name}${at}.ts`));
  }
  const master = [
    "#EXTM3U",
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",DEFAULT=YES,URI="a.m3u8"',
    '#EXT-X-STREAM-INF:BANDWIDTH=100000,AUDIO="a"',
    "v.m3u8",
  ];
  await put("master.m3u8", master.join("\n"));
  await until(() => published() === 1);
  const response = await origin.listen(new Request(URL));
  assertEquals([response.status, (await response.json()).error.code], [404, "renditions-apart"]);
  await origin.stop();
});

/** What a listener of a channel whose sound comes apart is told, as it is kept waiting for nothing. */
async function refused({ media, platform }: ReturnType<typeof soundApart>) {
  const answered = media.listen(new Request(URL));
  await platform.advance(8_000);
  const response = await answered;
  return [response.status, (await response.json()).error] as const;
}

Deno.test("a channel whose sound comes apart says like others why there is nothing to play", async () => {
  const stage = soundApart();
  stage.media.setState("upstream-down", "The source is away.");
  const [status, { code, message }] = await refused(stage);
  assertEquals([status, code, message], [503, "channel-not-ready", "The source is away."]);
  const late = stage.pictures(0);
  await stage.platform.advance(500);
  await late;
  assertEquals((await refused(stage))[0], 503, "its sound is to come");
  await stage.sound(0);
  assertEquals((await refused(stage))[0], 503, "pictures that go with it are to come");
  await Promise.all([stage.sound(1), stage.pictures(1)]);
  stage.media.setState("off-air", "It is over.");
  const [over, { message: why }] = await refused(stage);
  assertEquals([over, why], [503, "It is over."]);
});

Deno.test("pictures and sound that cannot be merged, though they are fragmented MP4, are pointed to HLS", async () => {
  const stage = soundApart();
  stage.media.keepInit("r1/init-1.mp4", aloneInit(SOUND, { timescale: 0 }));
  for (const at of [0, 1]) await Promise.all([stage.sound(at), stage.pictures(at)]);
  const [status, { code }] = await refused(stage);
  assertEquals([status, code], [404, "renditions-apart"]);
});

Deno.test("who comes before the first segment is kept waiting for it, and not for ever", async () => {
  const { origin, encode, until, platform } = streaming();
  const encoder = encode();
  await until(() => origin.stats().state === "starting");
  const ask = () => origin.listen(new Request(URL));
  const hopeless = ask();
  await platform.advance(8_000);
  assertEquals((await hopeless).status, 503);
  const early = ask();
  encoder.send(mp3(3));
  assertEquals((await early).status, 200);
  await origin.stop();
  assertEquals(platform.timers(), 0);
});
