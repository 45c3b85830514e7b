/** Finds the programs that tests need, and installs them where that is allowed. */
import { DELIMITER, join } from "@std/path";

export interface Program {
  /** As people call it. */
  readonly title: string;
  /** Environment variable that names the executable and wins over all else. */
  readonly variable: string;
  /** Names to look for on the PATH. */
  readonly names: readonly string[];
  /** Absolute paths to look at after that. */
  readonly places: readonly string[];
  /** Prints a version and ends with code 0 in a working installation. */
  readonly versionFlag: string;
  /** The package of Debian and Ubuntu that brings it. */
  readonly debianPackage: string;
}

/** Says in one line what to install. */
export class MissingProgramError extends Error {
  readonly code = "program-missing";
}

/** What puts a package of the system in place. */
export interface Installer {
  /** Whether it is there, and this process may use it. */
  available(): Promise<boolean>;
  /** Does what it can; whether that was enough is seen by looking for the program. */
  install(debianPackage: string): Promise<void>;
}

/** The program's executable: the one that is there, or else a fresh installation. Throws `MissingProgramError`. */
export async function requireProgram(program: Program, installer = apt): Promise<string> {
  const named = Deno.env.get(program.variable);
  if (named) {
    if (await works(named, program)) return named;
    throw new MissingProgramError(
      `${program.variable}=${named} does not run: set it to the executable of ${program.title}`,
    );
  }
  const found = await find(program);
  if (found) return found;
  if (await installer.available()) {
    console.log(`installing ${program.debianPackage} …`);
    await installer.install(program.debianPackage);
    const installed = await find(program);
    if (installed) return installed;
  }
  throw new MissingProgramError(
    `${program.title} is missing: install it (Debian: apt-get install ${program.debianPackage}), ` +
      `or set ${program.variable} to its executable`,
  );
}

async function find(program: Program): Promise<string | undefined> {
  const suffix = Deno.build.os === "windows" ? ".exe" : "";
  const folders = (Deno.env.get("PATH") ?? "").split(DELIMITER).filter((folder) => folder !== "");
  const onPath: string[] = program.names.flatMap((name) =>
    folders.map((folder) => join(folder, name + suffix))
  );
  for (const path of [...onPath, ...program.places]) {
    if (await isFile(path) && await works(path, program)) return path;
  }
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/** Ubuntu has stubs under the usual names that only say "install the snap", so each is tried. */
async function works(path: string, program: Program): Promise<boolean> {
  // Chrome for Windows has no version flag: it would open a window.
  if (Deno.build.os === "windows") return await isFile(path);
  try {
    const { success } = await new Deno.Command(path, {
      args: [program.versionFlag],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

const apt: Installer = {
  available: async () =>
    Deno.build.os === "linux" && Deno.uid() === 0 && await isFile("/usr/bin/apt-get"),
  async install(debianPackage) {
    for (
      const args of [["update"], ["install", "-y", "--no-install-recommends", debianPackage]]
    ) {
      const { success, stderr } = await new Deno.Command("apt-get", {
        args: ["-qq", ...args],
        env: { DEBIAN_FRONTEND: "noninteractive" },
        stdout: "null",
        stderr: "piped",
      }).output();
      if (!success) console.error(new TextDecoder().decode(stderr).trim());
    }
  },
};
