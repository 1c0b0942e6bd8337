import { execFile, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** Lines of a failed command that are shown. */
const SHOWN_LINES = 15;

/** Debian's buildah with a storage of its own, so that the user's images are left alone. Needs root. */
export class Buildah {
  private readonly global: readonly string[];

  /**
   * @param program path of buildah
   * @param storage folder for layers
   */
  constructor(
    private readonly program: string,
    readonly storage: string,
  ) {
    // Without its own mount of the storage nothing is left mounted when a build is over.
    const driver = ["--storage-driver", "overlay", "--storage-opt", "overlay.skip_mount_home=true"];
    this.global = ["--root", join(storage, "root"), "--runroot", join(storage, "run"), ...driver];
  }

  /**
   * Runs one command; its output is passed on line by line.
   * @throws Error with the last lines it wrote
   */
  async run(
    args: readonly string[],
    output: (line: string) => void = () => undefined,
    input?: string,
  ): Promise<string> {
    mkdirSync(this.storage, { recursive: true, mode: 0o700 });
    const child = spawn(this.program, [...this.global, ...args], {
      env: { ...process.env, BUILDAH_ISOLATION: "chroot", BUILDAH_LAYERS: "true", TMPDIR: this.storage },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.end(input);
    const lines: string[] = [];
    let stdout = "";
    const take = (text: string) => {
      for (const line of text.split("\n").filter((part) => part.trim() !== "")) {
        lines.push(line);
        output(line);
      }
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      take(text);
    });
    child.stderr.setEncoding("utf8").on("data", take);
    const code = await new Promise<number | string | null>((done, fail) => {
      child.once("error", fail);
      child.once("close", (status, signal) => done(status ?? signal));
    });
    if (code !== 0)
      throw new Error(`buildah ${args[0] ?? ""} ended with ${code}:\n${lines.slice(-SHOWN_LINES).join("\n")}`);
    return stdout;
  }

  /** Labels of an image in the storage, undefined where it is not there. */
  async labels(reference: string): Promise<Record<string, string> | undefined> {
    try {
      const image = JSON.parse(await this.run(["inspect", "--type", "image", reference])) as InspectedImage;
      return image.OCIv1.config?.Labels ?? {};
    } catch {
      return undefined; // buildah has no other answer for an image it does not have
    }
  }
}

/** What `buildah inspect` says of an image, as far as it is read here. */
interface InspectedImage {
  readonly OCIv1: { readonly config?: { readonly Labels?: Record<string, string> } };
}

/** Where buildah is on PATH. @throws Error with the remedy where it is not */
export function findBuildah(): Promise<string> {
  return new Promise((done, fail) => {
    execFile("sh", ["-c", "command -v buildah"], (error, stdout) => {
      if (error)
        fail(new Error('buildah is not on PATH: install Debian\'s package buildah ("apt-get install buildah").'));
      else done(stdout.trim());
    });
  });
}
