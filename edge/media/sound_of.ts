import type { Rendition } from "../protocol/channel.ts";
import { attribute, readAttributes } from "./playlist_attributes.ts";

type Described = Pick<Rendition, "kind" | "attributes">;

/** The rendition of sound that goes with a main one (RFC 8216bis §4.4.6.2.1), if there is one. */
export function soundOf<T extends Described>(renditions: readonly T[], main: T): T | undefined {
  const says = (one: T, name: string) => attribute(readAttributes(one.attributes) ?? [], name);
  const group = renditions.filter((one) =>
    one.kind === "audio" && says(one, "GROUP-ID") === says(main, "AUDIO")
  );
  return group.find((one) => says(one, "DEFAULT") === "YES") ?? group[0];
}
