import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type BuildSettings, buildImages, ensureImages } from "../../images/build";
import { Buildah } from "../../images/buildah";
import type { ImageName } from "../../images/tags";
import type { Instance } from "../instance";
import { mountsBelow } from "../kapsule/mounts";
import { authority, authorityFile } from "../scaleway/edge/certificates";
import { withLock } from "../toolchain/lock";
import type { Report } from "../toolchain/progress";
import type { Tools } from "../toolchain/tools";
import { ensureBase } from "./base";
import { hostMounts } from "./host-settings";

const run = promisify(execFile);

/** Images that the local stack runs; its shared volume is a host directory, so the NFS server is none of them. */
export const LOCAL_IMAGES: readonly ImageName[] = [
  ...(["books-cpu", "iris", "books-gpu"] as const),
  ...(["pipelines-backend", "models", "serving", "books-fetch"] as const),
];

/** Builds the images of the local stack on its own base, into the cache; needs neither a registry nor a built tool. */
export async function buildLocalImages(
  cacheDir: string,
  buildah: Tools["buildah"],
  report: Report,
  names: readonly ImageName[] = LOCAL_IMAGES,
): Promise<void> {
  await alone(cacheDir, buildah, report, (settings) => buildImages(names, settings));
}

/** Brings the images into a namespace of the instance's registry; what is there already is neither built nor pushed. */
export async function pushLocalImages(
  instance: Pick<Instance, "cacheDir" | "ports" | "account">,
  buildah: Tools["buildah"],
  namespace: string,
  report: Report,
  names: readonly ImageName[] = LOCAL_IMAGES,
): Promise<void> {
  const { cacheDir, ports, account } = instance;
  const host = `127.0.0.1:${ports.registry}`;
  const registry = { host, namespace, user: "nologin", password: account.secretKey, tls: false };
  await alone(cacheDir, buildah, report, (settings) => ensureImages(names, { ...settings, registry }));
}

/** Removes what an interrupted build left in the storage, its mounts first; waits for a build that is at work. */
export async function releaseImageStorage(cacheDir: string): Promise<void> {
  if (!existsSync(storageOf(cacheDir))) return;
  await withLock(
    lockOf(cacheDir),
    () => undefined,
    async () => await removeLeftovers(storageOf(cacheDir)),
  );
}

const storageOf = (cacheDir: string) => join(cacheDir, "images", "storage");
const lockOf = (cacheDir: string) => join(cacheDir, "images", ".lock");

/** Works on the storage while no other process does: two starts at once build each image once. */
async function alone(
  cacheDir: string,
  program: string,
  report: Report,
  work: (settings: BuildSettings) => Promise<void>,
): Promise<void> {
  const waiting = () => report("waiting for another start that builds images");
  await withLock(lockOf(cacheDir), waiting, async () => {
    const storage = storageOf(cacheDir);
    mkdirSync(storage, { recursive: true, mode: 0o700 });
    await removeLeftovers(storage);
    const buildah = new Buildah(program, storage);
    await authority(cacheDir);
    const base = await ensureBase(buildah, authorityFile(cacheDir), report);
    await work({ buildah, base, torch: "debian", mounts: await hostMounts(join(cacheDir, "images", "host")), report });
  });
}

async function removeLeftovers(storage: string): Promise<void> {
  // The folder itself may be a disk of the user's.
  for (const point of mountsBelow(storage).filter((point) => point !== storage)) await run("umount", [point]);
  for (const name of readdirSync(storage)) {
    if (/^(context|base)-/.test(name)) rmSync(join(storage, name), { recursive: true, force: true });
  }
}
