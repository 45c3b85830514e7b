import * as v from "valibot";
import type { Platform } from "../platform/platform.ts";
import { ChannelInfo } from "./channel_info.ts";
import type { Picture } from "./picture.ts";
import { newWatchKey } from "./watch_key.ts";

/** What a channel's owner has said of it, kept in the store. */
export interface InfoKeeper {
  /** Resolves when what was stored earlier is known. Never rejects. */
  readonly loaded: Promise<void>;
  info(): ChannelInfo;
  /** A channel that becomes private gets a new watch key, one that is private keeps its own. */
  setInfo(info: ChannelInfo): Promise<void>;
  /** The key without which nobody watches; absent while the channel is not private. */
  watchKey(): string | undefined;
  picture(): Promise<Picture | undefined>;
  hasPicture(): boolean;
  /** Without one the channel has none from now on. */
  setPicture(picture: Picture | undefined): Promise<void>;
}

export interface InfoKeeperOptions {
  /** Whether there is anybody to say something of it. */
  readonly owned: boolean;
  /** Called when those who could watch may not any more. */
  readonly locked: () => void;
}

export function createInfoKeeper(
  platform: Platform,
  channel: string,
  { owned, locked }: InfoKeeperOptions,
): InfoKeeper {
  const { store } = platform;
  const infoKey = ["channels", channel, "info"];
  const pictureKey = ["channels", channel, "picture"];
  const watchKeyKey = ["channels", channel, "watch-key"];
  let info: ChannelInfo = {};
  // Where it cannot be read whether the channel is private, nobody has its key.
  let watchKey = owned ? newWatchKey() : undefined;
  let hasPicture = false;

  async function load(): Promise<void> {
    try {
      watchKey = await store.get<string>(watchKeyKey);
      hasPicture = await store.get(pictureKey) !== undefined;
      const stored = await store.get(infoKey);
      if (stored !== undefined) info = v.parse(ChannelInfo, stored);
    } catch (error) {
      platform.log({
        level: "warn",
        code: "info-unreadable",
        message: `${channel}: what was stored of it cannot be read (${(error as Error).message}).`,
      });
    }
  }
  const loaded = load();

  return {
    loaded,
    info: () => watchKey === undefined ? info : { ...info, visibility: "private" },
    async setInfo(next) {
      await loaded;
      const locks = next.visibility === "private" && watchKey === undefined;
      // In this order a crash in between leaves the channel private.
      if (locks) await store.set(watchKeyKey, watchKey = newWatchKey());
      await store.set(infoKey, next);
      info = next;
      if (next.visibility !== "private") {
        await store.delete(watchKeyKey);
        watchKey = undefined;
      }
      if (locks) locked();
    },
    watchKey: () => watchKey,
    picture: () => store.get<Picture>(pictureKey),
    hasPicture: () => hasPicture,
    async setPicture(picture) {
      await loaded;
      if (picture) await store.set(pictureKey, picture);
      else await store.delete(pictureKey);
      hasPicture = picture !== undefined;
    },
  };
}
