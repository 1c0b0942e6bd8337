import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Trust store of Debian, on the host and in the images. */
export const TRUST_STORE = "/etc/ssl/certs/ca-certificates.crt";
/** Empty files of the base image over which a build finds the host's settings. */
export const APT_SETTINGS = "/etc/apt/apt.conf.d/99host";
export const PIP_SETTINGS = "/etc/pip.conf";

/**
 * Address of the Debian mirror that this machine uses, from apt's own answer; undefined where apt does not say, and
 * debootstrap then takes its default.
 */
export async function debianMirror(): Promise<string | undefined> {
  try {
    const format = ["--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"];
    return mirrorOf((await run("apt-get", ["indextargets", ...format])).stdout);
  } catch {
    return undefined;
  }
}

/** First source of a Debian release proper: security and third parties live elsewhere. */
export function mirrorOf(targets: string): string | undefined {
  return targets
    .split("\n")
    .map((line) => line.split(" "))
    .find(
      ([uri, release = "", component]) => uri && component === "main" && /^(bookworm|trixie|stable)$/.test(release),
    )?.[0];
}

/** Mounts by which builds reach the package registries the way this machine does. */
export async function hostMounts(folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const put = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const apt = put("apt.conf", aptSettings((await run("apt-config", ["dump"])).stdout));
  const pip = put(
    "pip.conf",
    pipSettings(process.env, existsSync(PIP_SETTINGS) ? readFileSync(PIP_SETTINGS, "utf8") : ""),
  );
  return [`${TRUST_STORE}:${TRUST_STORE}:ro`, `${apt}:${APT_SETTINGS}:ro`, `${pip}:${PIP_SETTINGS}:ro`];
}

/** What apt is told about fetching; the rest of its settings is the image's own. */
export function aptSettings(dump: string): string {
  return dump
    .split("\n")
    .filter(
      (line) => /^Acquire::(http|https|Retries|Check-Valid-Until|Check-Date)\b/.test(line) && !line.endsWith('"";'),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** pip's settings: the machine's file, and over it those variables of this environment that name a registry. */
export function pipSettings(environment: NodeJS.ProcessEnv, file: string): string {
  const options = new Map([["cert", TRUST_STORE]]);
  for (const line of file.split("\n")) {
    const [, key, value] = /^(index-url|extra-index-url|trusted-host|proxy)\s*=\s*(\S.*)$/.exec(line.trim()) ?? [];
    if (key && value) options.set(key, value);
  }
  for (const key of ["index-url", "extra-index-url", "trusted-host", "proxy"]) {
    const value = environment[`PIP_${key.toUpperCase().replaceAll("-", "_")}`];
    if (value) options.set(key, value);
  }
  return `[global]\n${[...options].map(([key, value]) => `${key} = ${value}\n`).join("")}`;
}
