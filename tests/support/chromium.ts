import { requireProgram } from "./require.ts";

const fromEnvironment = (variable: string, rest: string) => {
  const folder = Deno.env.get(variable);
  return folder ? [`${folder}\\${rest}`] : [];
};

/** The executable of an installed Chromium or Chrome. Throws `MissingProgramError`. */
export function requireChromium(): Promise<string> {
  return requireProgram({
    title: "Chromium",
    variable: "TRIBUTARY_CHROMIUM",
    names: ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"],
    places: [
      "/usr/lib/chromium/chromium",
      "/opt/google/chrome/chrome",
      "/Applications/Chromium.app/Contents/MacOS/Chromium",
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
      ...fromEnvironment("ProgramFiles", "Google\\Chrome\\Application\\chrome.exe"),
      ...fromEnvironment("ProgramFiles(x86)", "Google\\Chrome\\Application\\chrome.exe"),
      ...fromEnvironment("LocalAppData", "Google\\Chrome\\Application\\chrome.exe"),
      ...fromEnvironment("LocalAppData", "Chromium\\Application\\chrome.exe"),
    ],
    versionFlag: "--version",
    debianPackage: "chromium",
  });
}
