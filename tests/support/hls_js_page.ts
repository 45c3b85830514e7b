/** In a page: plays the playlist that the video names in `data-playlist` with hls.js. */
import Hls from "hls.js";

const video = document.querySelector("video")!;
const hls = new Hls();
hls.on(Hls.Events.ERROR, (_, { fatal, details }) => {
  if (fatal) console.error(`hls.js: ${details}`);
});
hls.loadSource(video.dataset["playlist"]!);
hls.attachMedia(video);
