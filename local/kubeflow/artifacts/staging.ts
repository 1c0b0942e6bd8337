import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ARTIFACTS_PATH, OUTPUTS_PATH } from "../ir/read-platform";
import { addressOf } from "./object-store";

/** Folder of the shared directory in which everything of runs is. */
export const STAGING_FOLDER = "pipelines";

/**
 * The directory of the shared volume in which one try of a step finds its artifacts and leaves its outputs. Step and
 * backend see it under different paths and run as different users: it is writable for all, and only its step mounts it.
 */
export class Staging {
  private readonly folder: string;

  /** @param key such as `<run>/<task>-<attempt>` */
  constructor(
    private readonly sharedDirectory: string,
    key: string,
  ) {
    this.folder = join(STAGING_FOLDER, key);
  }

  /** Where the step sees it, for the pod. */
  get mounts(): { readonly subPath: string; readonly mountPath: string }[] {
    return [
      { subPath: join(this.folder, "s3"), mountPath: ARTIFACTS_PATH },
      { subPath: join(this.folder, "outputs"), mountPath: OUTPUTS_PATH },
    ];
  }

  /** Path here of what is at an address. */
  pathOf(uri: string): string {
    const { bucket, key } = addressOf(uri);
    return join(this.artifacts, bucket, key);
  }

  get artifacts(): string {
    return join(this.sharedDirectory, this.folder, "s3");
  }

  get outputs(): string {
    return join(this.sharedDirectory, this.folder, "outputs");
  }

  /** Makes it anew, without what an earlier process may have left in it. */
  async prepare(): Promise<void> {
    await this.remove();
    for (const folder of [this.artifacts, this.outputs]) await this.open(folder);
  }

  /** Makes the folders above a path so that any user may put a file there. */
  async makeParent(path: string): Promise<void> {
    const above = path
      .slice(this.artifacts.length + 1)
      .split("/")
      .slice(0, -1);
    for (let depth = 1; depth <= above.length; depth++) await this.open(join(this.artifacts, ...above.slice(0, depth)));
  }

  async remove(): Promise<void> {
    await rm(join(this.sharedDirectory, this.folder), { recursive: true, force: true, maxRetries: 3 });
  }

  private async open(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    // The mode given to mkdir is cut by the umask.
    await chmod(folder, 0o777);
  }
}
