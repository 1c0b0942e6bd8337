import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Buildah } from "./buildah";
import { bundleProgram } from "./bundling";
import { type ImageName, IMAGES, type ImageSource } from "./catalogue";
import { imageLabels, type Registry } from "./registry";
import { imageFiles, imageTag, REPOSITORY } from "./tags";

/** Label with a digest over the arguments of a build: the same sources on another base are another image. */
const VARIANT_LABEL = "recommender.variant";

/** How images are built on this machine. */
export interface BuildSettings {
  readonly buildah: Buildah;
  /** Value of BASE: an image reference. */
  readonly base: string;
  /** Value of TORCH. */
  readonly torch: "cuda" | "debian";
  /** Files of this machine that builds may read, as `source:target:ro`: its trust store and package settings. */
  readonly mounts?: readonly string[];
  readonly report: (line: string) => void;
}

/** Settings of a build with a registry to push to. */
export interface PushSettings extends BuildSettings {
  readonly registry: Registry;
}

/** Builds an image unless the storage has it; returns its name there. */
export async function buildImage(name: ImageName, settings: BuildSettings): Promise<string> {
  const { buildah, base, torch, mounts = [], report } = settings;
  const reference = `localhost/${name}:${imageTag(name)}`;
  const variant = variantOf(settings);
  if ((await buildah.labels(reference))?.[VARIANT_LABEL] === variant) return reference;
  const start = Date.now();
  report(`building image ${name}`);
  mkdirSync(buildah.storage, { recursive: true, mode: 0o700 });
  const context = mkdtempSync(join(buildah.storage, "context-"));
  try {
    await stage(name, context);
    const args = [
      "--build-arg",
      `BASE=${base}`,
      "--build-arg",
      `TORCH=${torch}`,
      "--label",
      `${VARIANT_LABEL}=${variant}`,
    ];
    const volumes = mounts.flatMap((mount) => ["--volume", mount]);
    const file = join(REPOSITORY, "images", name, "Containerfile");
    // The host's network: a build reaches what this machine reaches.
    await buildah.run([
      "build",
      "--layers",
      "--network",
      "host",
      ...args,
      ...volumes,
      "--file",
      file,
      "--tag",
      reference,
      context,
    ]);
  } catch (error) {
    throw new Error(`Image "${name}" could not be built. ${(error as Error).message}`, { cause: error });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
  report(`built image ${name} in ${((Date.now() - start) / 1000).toFixed(0)} s`);
  return reference;
}

/** Builds and pushes an image unless the registry has it. */
async function pushImage(name: ImageName, settings: PushSettings, authenticationFile: string): Promise<void> {
  const { buildah, registry, report } = settings;
  const tag = imageTag(name);
  const there = await imageLabels(registry, name, tag);
  if (there?.[VARIANT_LABEL] === variantOf(settings)) return;
  const reference = await buildImage(name, settings);
  const target = `${registry.host}/${registry.namespace}/${name}:${tag}`;
  report(`pushing image ${name}`);
  // Compression costs more than a loopback connection takes.
  const transport = registry.tls === false ? ["--tls-verify=false", "--disable-compression"] : [];
  const login = ["--authfile", authenticationFile];
  await buildah.run(["push", "--quiet", ...transport, ...login, reference, `docker://${target}`]);
}

/** Brings the images into a registry: what is there stays, what is missing is built and pushed, two at a time. */
export async function ensureImages(names: readonly ImageName[], settings: PushSettings): Promise<void> {
  // Credentials in a file of ours, because arguments are readable by every user of the machine.
  const folder = mkdtempSync(join(tmpdir(), "login-"));
  try {
    const file = join(folder, "auth.json");
    writeFileSync(file, JSON.stringify({ auths: credentials(settings.registry) }), { mode: 0o600 });
    await inLanes(names, (name) => pushImage(name, settings, file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds the images into the storage, two at a time. */
export async function buildImages(names: readonly ImageName[], settings: BuildSettings): Promise<void> {
  await inLanes(names, (name) => buildImage(name, settings));
}

/**
 * Python images in one lane, the others in a second: images of a lane begin with the same instructions, whose layers
 * the later one takes from the earlier one.
 */
async function inLanes(names: readonly ImageName[], work: (name: ImageName) => Promise<unknown>): Promise<void> {
  const python = (name: ImageName) => name === "books-cpu" || name === "books-gpu" || name === "iris";
  const lanes = [names.filter(python), names.filter((name) => !python(name))];
  const results = await Promise.allSettled(
    lanes.map(async (lane) => {
      for (const name of lane) await work(name);
    }),
  );
  const failed = results.flatMap((result) => (result.status === "rejected" ? [(result.reason as Error).message] : []));
  if (failed.length > 0) throw new Error(failed.join("\n"));
}

function variantOf({ base, torch }: BuildSettings): string {
  return createHash("sha256").update(JSON.stringify({ base, torch })).digest("hex").slice(0, 16);
}

/** Fills the context: sources at their paths, programs as one file each. */
async function stage(name: ImageName, context: string): Promise<void> {
  const { sources, bundles = {}, browserBundles = {} }: ImageSource = IMAGES[name];
  const wanted = sources.flatMap((source) =>
    imageFiles(name).filter((file) => file === source || file.startsWith(`${source}/`)),
  );
  for (const file of wanted) {
    mkdirSync(join(context, dirname(file)), { recursive: true });
    cpSync(join(REPOSITORY, file), join(context, file));
  }
  const programs = { node: bundles, browser: browserBundles };
  for (const platform of ["node", "browser"] as const) {
    for (const [outfile, entry] of Object.entries(programs[platform])) {
      await bundleProgram(join(REPOSITORY, entry), join(context, outfile), platform);
    }
  }
}

function credentials({ host, user, password }: Registry) {
  return { [host]: { auth: Buffer.from(`${user}:${password}`).toString("base64") } };
}
