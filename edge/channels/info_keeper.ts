import * as v from "valibot";
import type { Platform } from "../platform/platform.ts";
import { ChannelInfo } from "./channel_info.ts";
import type { Picture } from "./picture.ts";

/** What a channel's owner has said of it, kept in the store. */
export interface InfoKeeper {
  /** Resolves when what was stored earlier is known. Never rejects. */
  readonly loaded: Promise<void>;
  info(): ChannelInfo;
  setInfo(info: ChannelInfo): Promise<void>;
  picture(): Promise<Picture | undefined>;
  hasPicture(): boolean;
  /** Without one the channel has none from now on. */
  setPicture(picture: Picture | undefined): Promise<void>;
}

export function createInfoKeeper(platform: Platform, channel: string): InfoKeeper {
  const { store } = platform;
  const infoKey = ["channels", channel, "info"];
  const pictureKey = ["channels", channel, "picture"];
  let info: ChannelInfo = {};
  let hasPicture = false;

  async function load(): Promise<void> {
    try {
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
    info: () => info,
    async setInfo(next) {
      await loaded;
      await store.set(infoKey, next);
      info = next;
    },
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
