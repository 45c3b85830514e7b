import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { loadUploadChoice, saveUploadChoice } from "../../web/upload_choice.ts";

/** Runs `act` with a storage of its own in place of the page's. */
function withStorage(storage: Partial<Storage>, act: () => void): void {
  const real = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true });
  try {
    act();
  } finally {
    if (real) Object.defineProperty(globalThis, "localStorage", real);
  }
}

function memoryStorage(content?: string): Partial<Storage> {
  let kept = content ?? null;
  return {
    getItem: () => kept,
    setItem(_key, value) {
      kept = value;
    },
  };
}

const DEFAULT = { on: true, cap: undefined };

Deno.test("without a choice uploading is on and the cap is the default", () => {
  withStorage(memoryStorage(), () => assertEquals(loadUploadChoice(), DEFAULT));
});

Deno.test("a choice is remembered", () => {
  for (const choice of [{ on: false, cap: 250_000 }, { on: true, cap: 0 }, DEFAULT]) {
    withStorage(memoryStorage(), () => {
      saveUploadChoice(choice);
      assertEquals(loadUploadChoice(), choice);
    });
  }
});

Deno.test("a blocked storage costs the memory of the choice, and nothing else", () => {
  const blocked = () => {
    throw new DOMException("denied", "SecurityError");
  };
  withStorage({ getItem: blocked, setItem: blocked }, () => {
    saveUploadChoice({ on: false, cap: undefined });
    assertEquals(loadUploadChoice(), DEFAULT);
  });
});

Deno.test("whatever stands in the storage, a sound choice is read", () => {
  const content = fc.oneof(
    fc.string(),
    fc.json(),
    fc.record({ on: fc.anything(), cap: fc.anything() }).map((one) => JSON.stringify(one)),
  );
  fc.assert(fc.property(content, (text) => {
    withStorage(memoryStorage(text), () => {
      const { on, cap } = loadUploadChoice();
      assertEquals(typeof on, "boolean");
      assertEquals(cap === undefined || cap >= 0, true);
    });
  }));
});
