import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { type Installer, MissingProgramError, type Program, requireProgram } from "./require.ts";

/** A folder for programs, and what is asked of the installer. */
interface Machine {
  readonly folder: string;
  readonly program: Program;
  readonly installed: string[];
  readonly installer: Installer;
  /** Puts an executable there. */
  put(name: string, works: boolean): string;
}

/** `apt`: there is one, and it brings the program, or has no such package; or there is none. */
async function onMachine(
  apt: "brings it" | "knows no such package" | "none",
  act: (machine: Machine) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const installed: string[] = [];
  const put = (name: string, works: boolean): string => {
    const path: string = join(folder, name);
    Deno.writeTextFileSync(path, `#!/bin/sh\nexit ${works ? 0 : 1}\n`, { mode: 0o755 });
    return path;
  };
  try {
    await act({
      folder,
      installed,
      put,
      program: {
        title: "Weir",
        variable: "TRIBUTARY_TEST_WEIR",
        names: [],
        places: [join(folder, "weir"), join(folder, "weir-stable")],
        versionFlag: "--version",
        debianPackage: "weir",
      },
      installer: {
        available: () => Promise.resolve(apt !== "none"),
        install(debianPackage) {
          installed.push(debianPackage);
          if (apt === "brings it") put("weir", true);
          return Promise.resolve();
        },
      },
    });
  } finally {
    Deno.env.delete("TRIBUTARY_TEST_WEIR");
    await Deno.remove(folder, { recursive: true });
  }
}

/** The programs of these tests are shell scripts. */
const ignore = Deno.build.os === "windows";
const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore, fn });

test("a program that is there is used, and one that does not run is passed over", () =>
  onMachine("none", async ({ program, installer, put }) => {
    put("weir", false);
    const stable = put("weir-stable", true);
    assertEquals(await requireProgram(program, installer), stable);
  }));

test("a program that is missing is installed where that is allowed", () =>
  onMachine("brings it", async ({ folder, program, installer, installed }) => {
    assertEquals(await requireProgram(program, installer), join(folder, "weir"));
    assertEquals(installed, ["weir"]);
  }));

test("a program that cannot be had is told in one line, with what to do", async () => {
  for (const apt of ["none", "knows no such package"] as const) {
    await onMachine(apt, async ({ program, installer }) => {
      const error = await assertRejects(
        () => requireProgram(program, installer),
        MissingProgramError,
        "Weir is missing: install it (Debian: apt-get install weir), " +
          "or set TRIBUTARY_TEST_WEIR to its executable",
      );
      assert(!error.message.includes("\n"));
    });
  }
});

test("the program that the environment names is used, or said not to run", () =>
  onMachine("brings it", async ({ program, installer, installed, put }) => {
    put("weir", true);
    const mine = put("mine", true);
    Deno.env.set(program.variable, mine);
    assertEquals(await requireProgram(program, installer), mine);
    Deno.env.set(program.variable, put("broken", false));
    await assertRejects(
      () => requireProgram(program, installer),
      MissingProgramError,
      "does not run",
    );
    assertEquals(installed, []);
  }));
