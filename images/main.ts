import { homedir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { DEBIAN } from "../infra/versions";
import { buildImages, type BuildSettings, ensureImages } from "./build";
import { Buildah, findBuildah } from "./buildah";
import { type ImageName, IMAGES } from "./catalogue";
import { imageTag } from "./tags";

interface Options {
  readonly base: string;
  readonly torch: "cuda" | "debian";
  readonly storage: string;
}

const names = Object.keys(IMAGES) as ImageName[];

async function settings({ base, torch, storage }: Options): Promise<BuildSettings> {
  const report = (line: string) => console.log(line);
  return { buildah: new Buildah(await findBuildah(), storage), base, torch, report };
}

function chosen(images: readonly string[]): ImageName[] {
  const unknown = images.filter((image) => !names.includes(image as ImageName));
  if (unknown.length > 0)
    throw new Error(`There is no image "${unknown.join('", "')}"; there are ${names.join(", ")}.`);
  return images.length > 0 ? (images as ImageName[]) : names;
}

function namespaceOf(registry: string): { host: string; namespace: string } {
  const [host, namespace, ...rest] = registry.split("/");
  if (!host || !namespace || rest.length > 0) {
    throw new Error(`--registry is "${registry}": give the endpoint of the registry namespace, <host>/<namespace>.`);
  }
  return { host, namespace };
}

function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument("[images...]", `of ${names.join(", ")}; all where none is named`)
    .option("--base <image>", "Debian 13 image to build on", DEBIAN)
    .addOption(new Option("--torch <build>", "PyTorch build in books-gpu").choices(["cuda", "debian"]).default("cuda"))
    .option(
      "--storage <folder>",
      "where layers are kept",
      join(homedir(), ".cache", "recommender-platform", "production-images"),
    );
}

/** `npm run images -- tags|build|push`: the images of the platform, for any registry. */
export function imagesProgram(): Command {
  const program = new Command("images").description("Builds the platform's images and pushes what a registry lacks.");
  program
    .command("tags")
    .description("prints the content tag of every image")
    .action(() => {
      for (const name of names) console.log(`${name}:${imageTag(name)}`);
    });
  program.addCommand(
    command("build", "builds images").action(async (images: string[], options: Options) => {
      await buildImages(chosen(images), await settings(options));
    }),
  );
  program.addCommand(
    command("push", "builds and pushes the images that the registry lacks; the secret key comes from SCW_SECRET_KEY")
      .requiredOption("--registry <endpoint>", "endpoint of the registry namespace, <host>/<namespace>")
      .action(async (images: string[], options: Options & { registry: string }) => {
        const password = process.env["SCW_SECRET_KEY"];
        if (!password) throw new Error("SCW_SECRET_KEY is not set: give the secret key of an API key that may push.");
        const registry = { ...namespaceOf(options.registry), user: "nologin", password };
        await ensureImages(chosen(images), { ...(await settings(options)), registry });
      }),
  );
  return program;
}

if (require.main === module) {
  imagesProgram()
    .parseAsync()
    .catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    });
}
