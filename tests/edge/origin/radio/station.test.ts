import { assertEquals } from "@std/assert";
import { readSong } from "../../../../edge/channels/song.ts";
import { readStation, stationHeaders } from "../../../../edge/origin/radio/station.ts";
import { createTitles } from "../../../../edge/media/stream/titles.ts";

const bytewise = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

Deno.test("what a source says of itself is read from its headers, in UTF-8 or ISO-8859-1", () => {
  const headers = new Headers({
    "ice-name": bytewise("Rädio"),
    "Ice-Description": "Caf\xe9",
    "ice-genre": "jazz",
    "ice-url": "https://radio.example/",
    "ice-public": "1",
    "ice-bitrate": "128",
    "ice-audio-info": "channels=2;samplerate=48000",
  });
  assertEquals(readStation(headers), {
    name: "Rädio",
    description: "Café",
    genre: "jazz",
    url: "https://radio.example/",
    public: true,
    bitrate: "128",
    audioInfo: "channels=2;samplerate=48000",
  });
  assertEquals(readStation(new Headers()), {});
});

Deno.test("listeners are told the same, as headers can carry it", () => {
  const told = stationHeaders({ name: "Rädio\r\nX: y", public: false, bitrate: "96" });
  assertEquals(told, { "icy-name": bytewise("Rädio  X: y"), "icy-pub": "0", "icy-br": "96" });
  assertEquals(readStation(new Headers(told)).name, "Rädio  X: y");
});

Deno.test("a song is UTF-8 or ISO-8859-1, as it says or as it can be", () => {
  const song = (query: string) => readSong(`http://edge.test/admin/metadata?mode=updinfo&${query}`);
  assertEquals(song("song=Bj%C3%B6rk+-+J%C3%B3ga"), "Björk - Jóga");
  assertEquals(song("song=Bj%F6rk%20-%20J%F3ga"), "Björk - Jóga");
  assertEquals(song("song=%C3%B6&charset=ISO-8859-1"), "Ã¶");
  assertEquals(song("title=Song&artist=A%26B"), "A&B - Song");
  assertEquals(song("song=a=b%zz"), "a=b%zz");
  assertEquals(song("song="), "");
  assertEquals(song("mount=/cam"), undefined);
});

Deno.test("a title holds from its segment on, and the one before it until then", () => {
  const titles = createTitles();
  assertEquals([titles.at(5), titles.newest()], ["", undefined]);
  titles.set(3, "one");
  titles.set(7, "two");
  titles.set(7, "three");
  assertEquals([2, 3, 6, 7, 99].map(titles.at), ["", "one", "one", "three", "three"]);
  titles.clear();
  assertEquals(titles.newest(), undefined);
});
