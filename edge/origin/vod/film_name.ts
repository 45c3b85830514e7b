/** What a ledger entry of 160 bytes has room for, characters. */
const LONGEST_PATH = 100;

/** What people call a film whose file has this path: its name without folders and ending. */
export function filmTitle(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  // What neither XML nor people can read is no part of it.
  const text = name.replace(/\.\w+$/, "").replaceAll(/[\p{Cc}\p{Cs}\p{Cn}]/gu, "");
  return text.replaceAll("_", " ").trim() || "Untitled";
}

/**
 * The path under which a file is served: `Ma vidéo.mp4` is `Ma_video.mp4`, since paths in ledger
 * entries need no escaping. `undefined` where nothing short and plain is left of it.
 */
export function filmPath(file: string): string | undefined {
  const path = file.normalize("NFKD").replaceAll(/\p{M}/gu, "").split("/")
    .map((name) => name.replaceAll(/[^\w.~-]+/g, "_").replace(/^[.~]+/, "")).join("/");
  const plain = path.split("/").every((name) => /[^_.]/.test(name.replace(/\.\w+$/, "")));
  return plain && path.length <= LONGEST_PATH ? path : undefined;
}
