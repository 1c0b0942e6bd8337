import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ImageName, IMAGES, type ImageSource } from "./catalogue";

export type { ImageName } from "./catalogue";

/** The repository, in which all sources lie. */
export const REPOSITORY = join(__dirname, "..");

/** Caches of tools, which are written beside sources and are none. */
const NO_SOURCE = /^(\..*|__pycache__|.*\.pyc|node_modules|test|tests|.*\.test\.ts|README\.md)$/;

/**
 * Content tag of an image: sixteen hexadecimal digits over its Containerfile and all its sources. The same content has
 * the same tag on every machine; a changed byte makes another.
 * @throws Error naming the source that does not exist
 */
export function imageTag(image: ImageName, repository = REPOSITORY): string {
  const hash = createHash("sha256");
  for (const file of imageFiles(image, repository)) {
    const path = join(repository, file);
    const executable = (statSync(path).mode & 0o111) !== 0;
    hash.update(`${file}\0${executable}\0`).update(createHash("sha256").update(readFileSync(path)).digest());
  }
  return hash.digest("hex").slice(0, 16);
}

/** Files that decide what is in an image, sorted. The lock file stands for the packages inside a bundle. */
export function imageFiles(image: ImageName, repository = REPOSITORY): string[] {
  const { sources, bundles = {}, browserBundles = {}, bundled = [] }: ImageSource = IMAGES[image];
  const entries = [...Object.values(bundles), ...Object.values(browserBundles)];
  const listed = [
    join("images", image, "Containerfile"),
    ...sources,
    ...entries.map((entry) => dirname(entry)),
    ...bundled,
    ...(entries.length > 0 ? ["package-lock.json"] : []),
  ];
  return [...new Set(listed.flatMap((path) => filesBelow(path, image, repository)))].sort();
}

function filesBelow(path: string, image: ImageName, repository: string): string[] {
  const absolute = join(repository, path);
  if (!existsSync(absolute)) {
    throw new Error(`Image "${image}" is made from ${path}, which does not exist: mend images/catalogue.ts or add it.`);
  }
  if (!statSync(absolute).isDirectory()) return [path];
  return readdirSync(absolute)
    .filter((name) => !NO_SOURCE.test(name))
    .flatMap((name) => filesBelow(join(path, name), image, repository));
}
