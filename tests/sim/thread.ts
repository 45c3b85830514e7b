/** A thread of `threads.ts`. */
import { play } from "./threads.ts";

self.onmessage = async ({ data }) => {
  self.postMessage(await play(data));
};
