import { setTimeout as sleep } from "node:timers/promises";
import type { EngineLog } from "../support/provider";
import type { PropertyMap } from "../support/values";
import { ApiClient } from "./client";
import type { Configuration } from "./configuration";
import { Discovery, type ResourcePath } from "./discovery";
import { connectionOf } from "./kubeconfig";
import { isNamespacedBuiltIn, kindOf } from "./kinds";
import { describe, identityOf, isAnnotated, PATCH_FORCE } from "./objects";

/** How long a custom resource waits for the API server to serve its CRD. */
const CRD_SERVED_MILLISECONDS = 60_000;

/** A configured provider: its settings and its one cluster. */
export class Session {
  readonly client: ApiClient;
  readonly discovery: Discovery;
  /** Namespace of objects that name none. */
  readonly defaultNamespace: string;

  /** @throws Error when the kubeconfig cannot be read */
  constructor(
    readonly configuration: Configuration,
    readonly engine: EngineLog,
    /** Aborted by Ctrl-C. */
    readonly signal: AbortSignal,
  ) {
    const connection = connectionOf(configuration);
    this.client = new ApiClient(connection, signal);
    this.discovery = new Discovery(this.client);
    this.defaultNamespace = configuration.namespace ?? connection.namespace ?? "default";
  }

  /** The path of an object, undefined where the API server does not know its kind. */
  async find(object: PropertyMap): Promise<string | undefined> {
    const resource = await this.resource(object);
    return resource && this.path(resource, object);
  }

  /**
   * Like {@link find}; a custom resource waits for its CRD, which may have been made a moment ago.
   *
   * @throws Error that names the unknown kind
   */
  async resolve(object: PropertyMap): Promise<string> {
    const { apiVersion, kind } = identityOf(object);
    const patience = isNamespacedBuiltIn(kindOf(apiVersion, kind)) === undefined ? CRD_SERVED_MILLISECONDS : 0;
    const deadline = Date.now() + patience;
    for (;;) {
      const path = await this.find(object);
      if (path !== undefined) return path;
      if (Date.now() >= deadline) {
        throw new Error(
          `${describe(object)}: the cluster has no kind ${kind} in ${apiVersion}. Check the spelling, or install the CustomResourceDefinition and let this resource depend on it.`,
        );
      }
      await this.pause(500);
    }
  }

  /** Whether to take fields over from other managers. */
  force(object: PropertyMap): boolean {
    return this.configuration.patchForce || isAnnotated(object, PATCH_FORCE);
  }

  /** @throws AbortError when the user presses Ctrl-C meanwhile */
  pause(milliseconds: number): Promise<void> {
    return sleep(milliseconds, undefined, { signal: this.signal });
  }

  private resource(object: PropertyMap): Promise<ResourcePath | undefined> {
    const { apiVersion, kind } = identityOf(object);
    return this.discovery.find(kindOf(apiVersion, kind));
  }

  private path(resource: ResourcePath, object: PropertyMap): string {
    const { name = "", namespace = this.defaultNamespace } = identityOf(object);
    return resource.of(namespace, name);
  }
}
