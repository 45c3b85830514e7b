/** RSS 2.0 as a schedule: the files that its items enclose, in the order of the feed. Pure. */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import * as v from "valibot";
import { ScheduleError } from "./schedule_error.ts";

const text = v.fallback(v.optional(v.pipe(v.unknown(), v.transform(String))), undefined);
const Enclosure = v.object({ "@url": v.string() });
const Rss = v.object({
  rss: v.object({
    channel: v.object({
      title: text,
      description: text,
      item: v.array(v.object({
        title: text,
        enclosure: v.fallback(v.optional(v.array(Enclosure)), undefined),
      })),
    }),
  }),
});

const HINT = "Give a feed whose items have an enclosure each, as podcasts have.";

/** The same schedule as the JSON document would say it. Throws `ScheduleError`. */
export function readRss(xml: string): unknown {
  const sound = XMLValidator.validate(xml);
  if (sound !== true) {
    const { msg, line } = sound.err;
    throw new ScheduleError(`Line ${line} is no XML: ${msg}`, HINT);
  }
  const tree: unknown = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    parseTagValue: false,
    isArray: (name) => name === "item" || name === "enclosure",
  }).parse(xml);
  const { success, output } = v.safeParse(Rss, tree);
  const channel = output && success ? output.rss.channel : undefined;
  const items = (channel?.item ?? []).flatMap(({ title, enclosure }) => {
    const url = enclosure?.[0]?.["@url"];
    return url === undefined ? [] : [{ url, ...named({ title }) }];
  });
  if (items.length === 0) throw new ScheduleError("It is no RSS feed with enclosures.", HINT);
  const { title, description } = channel!;
  return { ...named({ title, description }), items };
}

function named(words: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(words).flatMap(([name, word]) => word === undefined ? [] : [[name, word]]),
  );
}
