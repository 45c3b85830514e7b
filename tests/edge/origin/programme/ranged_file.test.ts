import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { CodedError } from "../../../../edge/media/coded_error.ts";
import { openRangedFile, type ReadPart } from "../../../../edge/origin/programme/ranged_file.ts";

const BLOCK = 256 * 1024;

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, at) => at * 7 + (at >> 8));
}

/** A server with one file, and what it was asked for. */
function server(file: { bytes: Uint8Array<ArrayBuffer>; version?: string; ranges?: boolean }) {
  const asked: string[] = [];
  const readPart: ReadPart = ({ offset, length }) => {
    asked.push(`${offset / BLOCK}+${length / BLOCK}`);
    const { bytes, version = "1", ranges = true } = file;
    const part = ranges ? bytes.slice(offset, offset + length) : bytes;
    return Promise.resolve({ bytes: part, length: bytes.length, version });
  };
  return { file, asked, readPart };
}

Deno.test("only the blocks that are read are asked for, those in a row at once, and each once", async () => {
  const { asked, readPart, file } = server({ bytes: bytesOf(6 * BLOCK) });
  const opened = await openRangedFile(readPart);
  assertEquals(
    await opened.read(2 * BLOCK + 5, 2 * BLOCK + 9),
    file.bytes.slice(2 * BLOCK + 5, 2 * BLOCK + 9),
  );
  await Promise.all([opened.read(BLOCK, 5 * BLOCK), opened.read(3 * BLOCK, 4 * BLOCK)]);
  await opened.read(0, 6 * BLOCK);
  assertEquals(asked, ["0+1", "2+1", "1+1", "3+2", "5+1"]);
});

Deno.test("no more than 8 MiB of a file are held, and what was used last stays", async () => {
  const { asked, readPart } = server({ bytes: bytesOf(40 * BLOCK) });
  const opened = await openRangedFile(readPart);
  for (let at = 1; at < 40; at++) {
    await opened.read(at * BLOCK, (at + 1) * BLOCK);
    await opened.read(0, 1);
  }
  const before = asked.length;
  await opened.read(0, 1);
  await opened.read(39 * BLOCK, 40 * BLOCK);
  assertEquals(asked.length, before);
  await opened.read(BLOCK, 2 * BLOCK);
  assertEquals(asked.length, before + 1, "what was not used for long is asked for again");
});

Deno.test("a server without ranges is asked once", async () => {
  const { asked, readPart, file } = server({ bytes: bytesOf(3 * BLOCK), ranges: false });
  const opened = await openRangedFile(readPart);
  assertEquals(await opened.read(2 * BLOCK, 3 * BLOCK), file.bytes.slice(2 * BLOCK));
  assertEquals(asked.length, 1);
});

Deno.test("a whole file that is too large says that the server knows no ranges", async () => {
  const tooLarge = new CodedError("upstream-too-large", "too large", "less");
  const error = await assertRejects(
    () => openRangedFile(() => Promise.reject(tooLarge)),
    CodedError,
  );
  assertEquals(error.code, "file-without-ranges");
});

Deno.test("an empty file is refused", async () => {
  const { readPart } = server({ bytes: bytesOf(0) });
  const error = await assertRejects(() => openRangedFile(readPart), CodedError);
  assertEquals(error.code, "file-empty");
});

for (const change of [{ version: "2" }, { bytes: bytesOf(3 * BLOCK) }]) {
  Deno.test(`a file that changes is not read on: ${Object.keys(change)}`, async () => {
    const { file, readPart } = server({ bytes: bytesOf(4 * BLOCK) });
    const opened = await openRangedFile(readPart);
    Object.assign(file, change);
    const error = await assertRejects(() => opened.read(BLOCK, BLOCK + 1), CodedError);
    assertEquals(error.code, "file-changed");
  });
}

Deno.test("what failed is asked for again", async () => {
  const { readPart, file } = server({ bytes: bytesOf(2 * BLOCK) });
  let fails = false;
  const opened = await openRangedFile((range) =>
    fails ? Promise.reject(new CodedError("away", "away", "wait")) : readPart(range)
  );
  fails = true;
  await assertRejects(() => opened.read(BLOCK, BLOCK + 1), CodedError);
  fails = false;
  assertEquals(await opened.read(BLOCK, BLOCK + 1), file.bytes.slice(BLOCK, BLOCK + 1));
});

Deno.test("any ranges in any order are the file's own bytes", async () => {
  const bytes = bytesOf(3 * BLOCK + 17);
  const place = fc.integer({ min: 0, max: bytes.length });
  const ranges = fc.array(fc.tuple(place, place), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(ranges, async (list) => {
      const opened = await openRangedFile(server({ bytes }).readPart);
      for (const [a, b] of list) {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        if (from === to) continue;
        const read = await opened.read(from, to);
        assertEquals(read.length, to - from);
        assertEquals([read[0], read.at(-1)], [bytes[from], bytes[to - 1]]);
      }
    }),
    { numRuns: 30 },
  );
});
