import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ObjectStore, ObjectStorageError } from "../../../local/kubeflow/artifacts/object-store";

/** Object storage in a map, by address. */
export class MemoryObjects implements ObjectStore {
  readonly objects = new Map<string, Buffer>();
  /** Set to have every call fail as if the bucket did not answer. */
  unreachable = false;

  async download(uri: string, path: string): Promise<boolean> {
    this.answer(uri);
    const whole = this.objects.get(uri);
    if (whole) await writeFile(path, whole);
    const below = [...this.objects].filter(([each]) => each.startsWith(`${uri}/`));
    for (const [each, content] of whole ? [] : below) {
      const file = join(path, each.slice(uri.length));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    return whole !== undefined || below.length > 0;
  }

  async upload(path: string, uri: string): Promise<void> {
    this.answer(uri);
    if (!(await stat(path)).isDirectory()) this.objects.set(uri, await readFile(path));
    else for (const name of await readdir(path)) await this.upload(join(path, name), `${uri}/${name}`);
  }

  exists(uri: string): Promise<boolean> {
    this.answer(uri);
    return Promise.resolve([...this.objects.keys()].some((each) => each === uri || each.startsWith(`${uri}/`)));
  }

  private answer(uri: string): void {
    if (this.unreachable) throw new ObjectStorageError(`The object storage does not answer for ${uri}.`);
  }
}
