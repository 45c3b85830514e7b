/** Where picture and sound come from. Opening one throws what the browser throws; `words.ts` knows it. */

export type SourceKind = "camera" | "screen" | "file";

export interface Source {
  readonly kind: SourceKind;
  readonly stream: MediaStream;
  /** Shows it, without its sound. */
  readonly preview: HTMLVideoElement;
  stop(): void;
}

/** Device ids, as `enumerateDevices` has them; without one the browser's own choice. */
export interface Devices {
  readonly camera?: string;
  readonly microphone?: string;
}

/** The browser cannot play the file. */
export class UnplayableFile extends Error {}

interface Capturable extends HTMLVideoElement {
  captureStream(): MediaStream;
}

const FRAMES_PER_SECOND = { ideal: 30 };

/** Camera and microphone, or the one of them that there is; without `lines` (of the picture) the microphone alone. */
export async function openCamera(
  { camera, microphone }: Devices,
  lines: number | undefined,
  ended: () => void,
): Promise<Source> {
  const kinds = (await navigator.mediaDevices.enumerateDevices()).map(({ kind }) => kind);
  const seen = lines !== undefined &&
    (kinds.includes("videoinput") || !kinds.includes("audioinput"));
  const heard = !seen || kinds.includes("audioinput");
  const chosen = (id: string | undefined) => id ? { deviceId: { exact: id } } : {};
  const stream = await navigator.mediaDevices.getUserMedia({
    ...(seen
      ? {
        video: { height: { ideal: lines }, frameRate: FRAMES_PER_SECOND, ...chosen(camera) },
      }
      : {}),
    ...(heard ? { audio: chosen(microphone) } : {}),
  });
  return captured("camera", stream, ended);
}

/** Its sound too, where browser and viewer share it. */
export async function openScreen(ended: () => void): Promise<Source> {
  const stream = await navigator.mediaDevices.getDisplayMedia({
    video: { frameRate: FRAMES_PER_SECOND },
    audio: true,
  });
  return captured("screen", stream, ended);
}

function captured(kind: SourceKind, stream: MediaStream, ended: () => void): Source {
  const preview = document.createElement("video");
  preview.muted = preview.autoplay = preview.playsInline = true;
  preview.srcObject = stream;
  for (const track of stream.getTracks()) track.addEventListener("ended", ended);
  return {
    kind,
    stream,
    preview,
    stop() {
      for (const track of stream.getTracks()) track.stop();
      preview.srcObject = null;
    },
  };
}

/** Plays a file from its beginning, again and again if it `loops`. Throws `UnplayableFile`. */
export async function openFile(file: File, loops: boolean, ended: () => void): Promise<Source> {
  const preview = document.createElement("video") as Capturable;
  const url = URL.createObjectURL(file);
  const context = new AudioContext();
  preview.playsInline = true;
  preview.loop = loops;
  preview.src = url;
  try {
    await preview.play();
  } catch {
    URL.revokeObjectURL(url);
    await context.close();
    throw new UnplayableFile(file.name);
  }
  // What is routed away is not heard here, and an element that is not muted plays on in a hidden tab.
  const sound = context.createMediaStreamDestination();
  context.createMediaElementSource(preview).connect(sound);
  preview.addEventListener("ended", ended);
  return {
    kind: "file",
    stream: new MediaStream([
      ...preview.captureStream().getVideoTracks(),
      ...sound.stream.getAudioTracks(),
    ]),
    preview,
    stop() {
      preview.pause();
      preview.removeAttribute("src");
      URL.revokeObjectURL(url);
      void context.close();
    },
  };
}
