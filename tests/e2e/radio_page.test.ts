/** The pages of a radio channel, as people come to them from the portal. */
import { assertEquals } from "@std/assert";
import { KEY, PICTURE, radioStage, startEncoder } from "../interop/radio_stage.ts";
import { openBrowser } from "../support/browser.ts";
import { openViewer } from "../support/viewer.ts";

const PLAYED_SECONDS = 3;
/** Not so easily compressed that the browser's buffer takes long to fill. */
const NOISE = ["-re", "-f", "lavfi", "-i", "anoisesrc=amplitude=0.1:sample_rate=48000"];
const VP8 = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "100k"];
const SOURCES: Record<string, readonly string[]> = {
  mp3: ["-map", "0:a", "-c:a", "libmp3lame", "-f", "mp3"],
  vorbis: ["-map", "0:a", "-c:a", "libvorbis", "-f", "ogg"],
  webm: ["-map", "0:a", "-map", "1:v", ...VP8, "-g", "10", "-c:a", "libopus", "-f", "webm"],
};

Deno.test("what is sent as to Icecast plays on its watch page and in its frame, with its title", async () => {
  await using stage = await radioStage(Object.keys(SOURCES));
  const at = `127.0.0.1:${stage.port}`;
  await using browser = await openBrowser();
  // The page of a channel that was never on air does not know yet what it will be.
  await using early = await openViewer(browser, `${stage.edge.url}/watch/mp3`);
  await early.page.getByRole("heading", { name: "Off air" }).waitFor();
  await using _source = startEncoder(
    [...NOISE, ...PICTURE],
    120,
    ...Object.entries(SOURCES).map(([name, made]) => [
      ...made,
      `icecast://source:${KEY}@${at}/${name}`,
    ]),
  );
  for (const name of Object.keys(SOURCES)) {
    await stage.onAir(name);
    for (const page of ["watch", "embed"]) {
      await using viewer = await openViewer(browser, `${stage.edge.url}/${page}/${name}`);
      await viewer.plays(PLAYED_SECONDS).catch((error) => {
        throw new Error(`${page} ${name}`, { cause: error });
      });
      assertEquals((await viewer.read()).mediaErrors, [], `${page} ${name}`);
    }
  }
  // What plays by itself waits until it is seen.
  await early.page.bringToFront();
  await early.plays(PLAYED_SECONDS);
  const song = "song=A+Song&mount=/mp3&mode=updinfo";
  await (await fetch(`http://${at}/admin/metadata?${song}`, {
    headers: { Authorization: `Basic ${btoa(`source:${KEY}`)}` },
  })).body?.cancel();
  await early.page.getByText("Now: A Song").waitFor({ timeout: 20_000 });
  const address = await early.page.getByLabel("For VLC").inputValue();
  assertEquals(address, `${stage.edge.url}/stream/mp3`);
  await early.page.goto(stage.edge.url);
  await early.page.getByRole("link", { name: /mp3.*Now: A Song/s }).waitFor();
});
