import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Instance } from "../../instance";
import type { Service } from "../../supervisor/service";
import type { Tools } from "../../toolchain/tools";

/** Region that requests to the backend are signed for; Scaleway's own regions are the front's business. */
export const BACKEND_REGION = "local";

export interface BackendCredentials {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Keys of the object server behind the front: made once per instance, known to the two of them only. */
export function backendCredentials(instance: Instance): BackendCredentials {
  const directory = join(instance.stateDir, "object-storage");
  const file = join(directory, "credentials.json");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) {
    const made = { accessKey: randomBytes(10).toString("hex"), secretKey: randomBytes(32).toString("hex") };
    try {
      writeFileSync(file, JSON.stringify(made), { mode: 0o600, flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  return JSON.parse(readFileSync(file, "utf8")) as BackendCredentials;
}

/**
 * versitygw as a service: it keeps objects as files and their metadata in extended attributes, so the state directory
 * must be on a file system that has these (ext4, xfs, btrfs, overlay).
 */
export function objectStorageService(instance: Instance, tools: Pick<Tools, "versitygw">): Service {
  const { accessKey, secretKey } = backendCredentials(instance);
  const directory = join(instance.stateDir, "object-storage");
  const [objects, versions] = [join(directory, "objects"), join(directory, "versions")];
  for (const each of [objects, versions]) mkdirSync(each, { recursive: true, mode: 0o700 });
  return {
    name: "object-storage",
    command: [
      tools.versitygw,
      ...["--port", `127.0.0.1:${instance.ports.objectStorageBackend}`, "--region", BACKEND_REGION, "--quiet"],
      ...["posix", "--versioning-dir", versions, objects],
    ],
    environment: { ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey, PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    workingDirectory: directory,
  };
}
