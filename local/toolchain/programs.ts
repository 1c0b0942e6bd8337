import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** Folders of system programs, which an ordinary user's PATH may lack. */
const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Absolute path of a program on PATH or in a system folder, undefined where there is none. */
export function findProgram(
  name: string,
  path = process.env["PATH"] ?? "",
  more: readonly string[] = [],
): string | undefined {
  if (isAbsolute(name)) return isProgram(name) ? name : undefined;
  return [...path.split(delimiter).filter(isAbsolute), ...more, ...SYSTEM_FOLDERS]
    .map((folder) => join(folder, name))
    .find(isProgram);
}

/** The Go command; its own default folder counts as PATH, because its installer does not add it. */
export function findGo(path = process.env["PATH"]): string | undefined {
  return findProgram("go", path, ["/usr/local/go/bin"]);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
