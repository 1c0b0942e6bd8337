import { isMap } from "../support/values";
import type { ApiClient } from "./client";
import { apiVersionOf, isNamespacedBuiltIn, type Kind } from "./kinds";
import { listAt, stringAt } from "./paths";

/** Where objects of a kind are: `/apis/apps/v1/…/deployments`. */
export interface ResourcePath {
  readonly namespaced: boolean;
  /** Path of one object; a name may be anything that Kubernetes accepts as one, colons included. */
  of(namespace: string | undefined, name: string): string;
}

/** Asks the API server which kinds it has; answers are kept, because kinds do not change under a running update. */
export class Discovery {
  private readonly versions = new Map<string, Promise<Map<string, ResourcePath>>>();

  constructor(private readonly client: ApiClient) {}

  /** Undefined where the API server does not know the kind (yet). */
  async find(kind: Kind): Promise<ResourcePath | undefined> {
    const apiVersion = apiVersionOf(kind);
    const known = (await this.resources(apiVersion)).get(kind.kind);
    // A CRD may have come since; the answer without it must not stay.
    if (!known) this.versions.delete(apiVersion);
    return known;
  }

  /** Whether a kind lives in namespaces; undefined while nobody knows. The cluster is asked for custom resources only. */
  async isNamespaced(kind: Kind): Promise<boolean | undefined> {
    return isNamespacedBuiltIn(kind) ?? (await this.find(kind).catch(() => undefined))?.namespaced;
  }

  private resources(apiVersion: string): Promise<Map<string, ResourcePath>> {
    const pending = this.versions.get(apiVersion) ?? this.ask(apiVersion);
    this.versions.set(apiVersion, pending);
    pending.catch(() => this.versions.delete(apiVersion));
    return pending;
  }

  private async ask(apiVersion: string): Promise<Map<string, ResourcePath>> {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const list = await this.client.find(root);
    const kinds = new Map<string, ResourcePath>();
    for (const resource of listAt(list, ["resources"])) {
      const name = stringAt(resource, ["name"]) ?? "";
      // `deployments/scale` and the like are parts of objects.
      if (!isMap(resource) || name.includes("/")) continue;
      kinds.set(stringAt(resource, ["kind"]) ?? "", resourcePath(root, name, resource["namespaced"] === true));
    }
    return kinds;
  }
}

function resourcePath(root: string, plural: string, namespaced: boolean): ResourcePath {
  return {
    namespaced,
    of: (namespace, name) =>
      namespaced && namespace !== undefined
        ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`
        : `${root}/${plural}/${encodeURIComponent(name)}`,
  };
}
