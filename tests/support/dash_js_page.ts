/** In a page: plays the manifest that the video names in `data-playlist` with dash.js. */
import { MediaPlayer } from "dashjs";

const video = document.querySelector("video")!;
const player = MediaPlayer().create();
player.on(
  MediaPlayer.events.ERROR,
  ({ error }) => console.error("dash.js:", JSON.stringify(error)),
);
player.initialize(video, video.dataset["playlist"]!, true);
