import { CodedError } from "../media/coded_error.ts";

/** A channel's picture as its owner has sent it. */
export interface Picture {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A value of Deno KV holds 64 KiB, its type and framing included. */
export const MAX_PICTURE_BYTES = 60 * 1024;

/** How files of each kind begin. SVG is not among them: it can hold scripts. */
const SIGNATURES: readonly {
  readonly type: string;
  readonly begins: (start: string) => boolean;
}[] = [
  { type: "image/jpeg", begins: (start) => start.startsWith("\xff\xd8\xff") },
  { type: "image/png", begins: (start) => start.startsWith("\x89PNG\r\n\x1a\n") },
  {
    type: "image/webp",
    begins: (start) => start.startsWith("RIFF") && start.startsWith("WEBP", 8),
  },
];
const SIGNATURE_BYTES = 12;

/** What kind of picture these bytes are, whatever they are called. Throws a `CodedError` for others. */
export function readPicture(bytes: Uint8Array<ArrayBuffer>): Picture {
  const start = String.fromCharCode(...bytes.subarray(0, SIGNATURE_BYTES));
  const known = SIGNATURES.find(({ begins }) => begins(start));
  if (known) return { type: known.type, bytes };
  throw new CodedError(
    "not-a-picture",
    "This is no JPEG, PNG or WebP.",
    "Send the bytes of one as the body, 16:9 if you can.",
  );
}
