import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../whole-file";
import type { Service } from "./service";

/** Seconds between SIGTERM and SIGKILL where a service does not say otherwise. */
export const DEFAULT_GRACE_SECONDS = 5;

/** Bytes of one log file before it is rotated, and how many old ones are kept. */
const LOG_FILE_BYTES = 10_000_000;
const OLD_LOG_FILES = 3;

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Refuses a definition that could not be written as files; the message names the service and the value. */
export function checkService(service: Service): void {
  const { name, command, environment } = service;
  if (!NAME.test(name)) {
    throw new Error(`Service name "${name}" is not usable as a folder: use lower-case letters, digits and dashes.`);
  }
  const program = command[0];
  if (!program?.startsWith("/")) {
    throw new Error(`Service "${name}" has the program "${program ?? ""}": give its absolute path.`);
  }
  if (!existsSync(program)) {
    throw new Error(`Service "${name}" cannot start: its program ${program} does not exist. Build the tools again.`);
  }
  for (const [variable, value] of Object.entries(environment)) {
    if (!VARIABLE.test(variable) || value.includes("\0")) {
      throw new Error(`Service "${name}" has the variable "${variable}", which no environment can hold: rename it.`);
    }
  }
}

/** Text that differs whenever the definition of a service differs. */
export function fingerprint(service: Service): string {
  const { name, command, environment, workingDirectory = "/", graceSeconds = DEFAULT_GRACE_SECONDS } = service;
  const variables = Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([name, command, variables, workingDirectory, graceSeconds]))
    .digest("hex");
}

/** Quotes one word for a POSIX shell. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The program that s6-supervise starts. The environment stays in files of its own, because arguments are readable
 * by every user of the machine. If a killed s6-supervise left the former process behind, that one is ended first:
 * two of a kind would fight over their port.
 */
export function runScript(service: Service, directory: string, envdir: string): string {
  const command = service.command.map(shellWord).join(" ");
  return `#!/bin/sh
exec 2>&1
started() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
if read -r pid since 2>/dev/null < process && [ "$(started "$pid")" = "$since" ]; then kill -KILL "-$pid"; fi
echo "$$ $(started "$$")" > process
umask 022
ulimit -S -n 65536 2>/dev/null || ulimit -S -n "$(ulimit -H -n)"
cd ${shellWord(service.workingDirectory ?? "/")} || exit 1
exec env -i ${envdir} ${shellWord(join(directory, "env"))} ${command}
`;
}

// What the program started and did not put into a group of its own ends with it, so that a restart finds its ports free.
const FINISH_SCRIPT = `#!/bin/sh
read -r pid since < process && kill -KILL "-$pid" 2>/dev/null
exit 0
`;

/** Writes the service directory that s6-supervise reads; existing files are replaced one by one. */
export function writeServiceDirectory(service: Service, directory: string, logDirectory: string, envdir: string): void {
  const put = (file: string, text: string, mode: number) => writeWhole(join(directory, file), text, mode);
  mkdirSync(join(directory, "log"), { recursive: true, mode: 0o700 });
  mkdirSync(logDirectory, { recursive: true, mode: 0o700 });
  rmSync(join(directory, "env"), { recursive: true, force: true });
  mkdirSync(join(directory, "env"), { mode: 0o700 });
  for (const [variable, value] of Object.entries(service.environment)) {
    // One line per value; s6-envdir reads a null byte as a line break.
    put(join("env", variable), `${value.replaceAll("\n", "\0")}\n`, 0o600);
  }
  put("timeout-kill", `${Math.max(1, Math.round((service.graceSeconds ?? DEFAULT_GRACE_SECONDS) * 1000))}\n`, 0o600);
  put("finish", FINISH_SCRIPT, 0o700);
  put("run", runScript(service, directory, envdir), 0o700);
  put("fingerprint", fingerprint(service), 0o600);
  const rotation = `n${OLD_LOG_FILES} s${LOG_FILE_BYTES}`;
  put(join("log", "run"), `#!/bin/sh\nexec s6-log -b ${rotation} T ${shellWord(logDirectory)}\n`, 0o700);
}
