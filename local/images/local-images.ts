import { join } from "node:path";
import { type BuildSettings, buildImages, ensureImages } from "../../images/build";
import { Buildah } from "../../images/buildah";
import type { ImageName } from "../../images/tags";
import type { Instance } from "../instance";
import { authority, authorityFile } from "../scaleway/edge/certificates";
import type { Report } from "../toolchain/progress";
import type { Tools } from "../toolchain/tools";
import { ensureBase } from "./base";
import { hostMounts } from "./host-settings";

/** Images that the local stack runs; its shared volume is a host directory, so the NFS server is none of them. */
export const LOCAL_IMAGES: readonly ImageName[] = ["books-cpu", "books-gpu", "books-fetch", "books-serving"];

/** Builds the images of the local stack on its own base, into the cache; needs neither a registry nor a built tool. */
export async function buildLocalImages(
  cacheDir: string,
  buildah: Tools["buildah"],
  report: Report,
  names: readonly ImageName[] = LOCAL_IMAGES,
): Promise<void> {
  await buildImages(names, await settings(cacheDir, buildah, report));
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
  await ensureImages(names, {
    ...(await settings(cacheDir, buildah, report)),
    registry: {
      host: `127.0.0.1:${ports.registry}`,
      namespace,
      user: "nologin",
      password: account.secretKey,
      tls: false,
    },
  });
}

async function settings(cacheDir: string, program: string, report: Report): Promise<BuildSettings> {
  const images = join(cacheDir, "images");
  const buildah = new Buildah(program, join(images, "storage"));
  await authority(cacheDir);
  const base = await ensureBase(buildah, authorityFile(cacheDir), report);
  return { buildah, base, torch: "debian", mounts: await hostMounts(join(images, "host-settings")), report };
}
