import { answered, type HttpClient } from "./http-client";
import type { KubernetesObject } from "./objects";

interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubernetesObject & { readonly code?: number; readonly message?: string };
}

interface ObjectList {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: KubernetesObject[];
}

export interface CacheOptions<T> {
  readonly client: HttpClient;
  /** Such as "/api/v1/pods". */
  readonly path: string;
  /** Labels that the objects must have, such as "app=books". @default all objects */
  readonly selector?: string;
  /** Keeps what the controllers read and drops the rest, so that a large cluster stays small in memory. */
  readonly trim: (object: KubernetesObject) => T;
  /** Called after each change, and once the first list is there. */
  readonly onChange: () => void;
  readonly report: (message: string) => void;
}

/** All objects of one resource, kept current by list and watch. */
export class ResourceCache<T extends KubernetesObject> {
  private objects = new Map<string, T>();
  private listed = false;

  constructor(private readonly options: CacheOptions<T>) {}

  /** False until the first list; an empty cache says nothing before. */
  get synced(): boolean {
    return this.listed;
  }

  get all(): T[] {
    return [...this.objects.values()];
  }

  /** `name` alone for what has no namespace. */
  get(name: string, namespace?: string): T | undefined {
    return this.objects.get(namespace ? `${namespace}/${name}` : name);
  }

  /** Takes over an object that this process has just written, so that the next decision does not wait for the watch. */
  put(object: KubernetesObject): void {
    this.objects.set(keyOf(object), this.options.trim(object));
  }

  /** Follows the resource until `signal` aborts; errors are reported and retried with a growing pause up to 5 s. */
  async follow(signal: AbortSignal): Promise<void> {
    let pause = 100;
    while (!signal.aborted) {
      try {
        let version = await this.list();
        pause = 100;
        while (!signal.aborted) version = await this.watch(version, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!answered(error, 410)) this.options.report(`watch of ${this.options.path}: ${(error as Error).message}`);
        await delay(pause, signal);
        pause = Math.min(pause * 2, 5000);
      }
    }
  }

  private get selector(): string {
    const { selector } = this.options;
    return selector === undefined ? "" : `&labelSelector=${encodeURIComponent(selector)}`;
  }

  private async list(): Promise<string> {
    const objects = new Map<string, T>();
    let page: ObjectList;
    let token = "";
    do {
      page = await this.options.client.json<ObjectList>(
        "GET",
        `${this.options.path}?limit=500${this.selector}${token}`,
      );
      for (const item of page.items) objects.set(keyOf(item), this.options.trim(item));
      token = page.metadata.continue ? `&continue=${encodeURIComponent(page.metadata.continue)}` : "";
    } while (token);
    this.objects = objects;
    this.listed = true;
    this.options.onChange();
    return page.metadata.resourceVersion;
  }

  /** Returns the version to go on from; throws where only a new list helps. */
  private async watch(from: string, signal: AbortSignal): Promise<string> {
    let version = from;
    const query = `?watch=1&allowWatchBookmarks=true&timeoutSeconds=290&resourceVersion=${version}${this.selector}`;
    await this.options.client.lines(
      this.options.path + query,
      (line) => {
        const { type, object } = JSON.parse(line) as WatchEvent;
        if (type === "ERROR") throw new Error(object.message ?? line);
        version = object.metadata.resourceVersion ?? version;
        if (type === "BOOKMARK") return;
        if (type === "DELETED") this.objects.delete(keyOf(object));
        else this.objects.set(keyOf(object), this.options.trim(object));
        this.options.onChange();
      },
      signal,
    );
    return version;
  }
}

function keyOf({ metadata }: KubernetesObject): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
}

/** Waits, or returns early when `signal` aborts. */
export function delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal?.aborted) return done();
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      done();
    };
    const timer = setTimeout(finish, milliseconds);
    signal?.addEventListener("abort", finish);
  });
}
