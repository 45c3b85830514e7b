import {
  type AudioCodec,
  BufferTarget,
  EncodedAudioPacketSource,
  type EncodedPacket,
  EncodedVideoPacketSource,
  type InputAudioTrack,
  type InputVideoTrack,
  Mp4OutputFormat,
  Output,
  type VideoCodec,
} from "mediabunny";

/** What is taken over from a track as it is. */
export interface AddTrack {
  readonly track: InputVideoTrack | InputAudioTrack;
  /** In the order of decoding. */
  readonly packets: AsyncIterable<EncodedPacket>;
}

/** So that all that is written becomes one fragment, s. */
const NEVER = 86_400;

/** Writes packets as fragmented MP4: an init, and one fragment if there is any packet. */
export async function writeFragmented(tracks: readonly AddTrack[]): Promise<Uint8Array> {
  const target = new BufferTarget();
  const format = new Mp4OutputFormat({ fastStart: "fragmented", minimumFragmentDuration: NEVER });
  const output = new Output({ format, target });
  const feeds: (() => Promise<void>)[] = [];
  for (const { track, packets } of tracks) {
    if (track.isVideoTrack()) {
      const source = new EncodedVideoPacketSource(await track.getCodec() as VideoCodec);
      const config = await track.getDecoderConfig();
      output.addVideoTrack(source, { rotation: await track.getRotation() });
      feeds.push(() => feed(source, packets, config ? { decoderConfig: config } : {}));
    } else if (track.isAudioTrack()) {
      const source = new EncodedAudioPacketSource(await track.getCodec() as AudioCodec);
      const config = await track.getDecoderConfig();
      output.addAudioTrack(source);
      feeds.push(() => feed(source, packets, config ? { decoderConfig: config } : {}));
    }
  }
  await output.start();
  try {
    // One after the other would wait for ever: the muxer takes no more of one than of the others.
    await Promise.all(feeds.map((feed) => feed()));
    await output.finalize();
  } catch (error) {
    await output.cancel();
    throw error;
  }
  return new Uint8Array(target.buffer!);
}

async function feed<Meta>(
  source: { add(packet: EncodedPacket, meta?: Meta): Promise<void>; close(): void },
  packets: AsyncIterable<EncodedPacket>,
  meta: Meta,
): Promise<void> {
  for await (const packet of packets) await source.add(packet, meta);
  source.close();
}
