import type { HttpClient } from "../../kubernetes/http-client";
import { answered } from "../../kubernetes/http-client";
import { MERGE_PATCH } from "../../kubernetes/client";
import { ApiError, fromCluster, invalid, notFound, notNow } from "../api/errors";
import type { Catalog, CatalogPipeline, CatalogVersion, Changes, NewPipeline, NewVersion } from "./catalog";
import {
  API_VERSION,
  belonging,
  LONGEST_OBJECT_NAME,
  type Metadata,
  OBJECT_NAME,
  packageOfVersion,
  PIPELINE_ID_LABEL,
  type PipelineObject,
  type PipelineVersionObject,
} from "./objects";

type Resource = "pipelines" | "pipelineversions";

/** The catalog in the custom resources of one namespace; nothing of it is kept anywhere else. */
export class ClusterCatalog implements Catalog {
  /** The API server finds objects by name only; a name that is out of date is noticed by its UID. */
  private readonly names = new Map<string, string>();

  constructor(
    private readonly client: HttpClient,
    private readonly namespace: string,
  ) {}

  async pipelines(): Promise<CatalogPipeline[]> {
    return (await this.list<PipelineObject>("pipelines")).map(pipelineOf);
  }

  async pipeline(id: string): Promise<CatalogPipeline> {
    return pipelineOf(await this.find<PipelineObject>("pipelines", "Pipeline", id));
  }

  async pipelineNamed(name: string): Promise<CatalogPipeline> {
    const object = OBJECT_NAME.test(name) ? await this.read<PipelineObject>("pipelines", name) : undefined;
    if (!object) throw notFound("Pipeline", `"${name}"`);
    return pipelineOf(object);
  }

  async createPipeline({ name, displayName, description, tags }: NewPipeline): Promise<CatalogPipeline> {
    checkName("pipeline", name);
    const spec = { displayName: displayName ?? name, description, tags };
    return pipelineOf(await this.create<PipelineObject>("pipelines", "Pipeline", { name }, spec));
  }

  async changePipeline(id: string, changes: Changes): Promise<CatalogPipeline> {
    const { metadata } = await this.find<PipelineObject>("pipelines", "Pipeline", id);
    return pipelineOf(await this.change<PipelineObject>("pipelines", metadata.name, changes));
  }

  async deletePipeline(id: string, cascade: boolean): Promise<void> {
    const { metadata } = await this.find<PipelineObject>("pipelines", "Pipeline", id);
    const versions = await this.versionObjects(id);
    if (versions.length > 0 && !cascade)
      throw notNow(
        `Pipeline ${id} has ${versions.length} versions. Delete them first, or delete the pipeline with cascade=true.`,
      );
    for (const version of versions) await this.remove("pipelineversions", version.metadata);
    await this.remove("pipelines", metadata);
  }

  async versions(pipelineId: string): Promise<CatalogVersion[]> {
    return (await this.versionObjects(pipelineId)).map(versionOf);
  }

  async version(pipelineId: string | undefined, id: string): Promise<CatalogVersion> {
    return versionOf(await this.findVersion(pipelineId, id));
  }

  async latestVersion(pipelineId: string): Promise<CatalogVersion> {
    await this.find("pipelines", "Pipeline", pipelineId);
    // Creation is known to the second; what the cluster wrote last decides within one.
    const age = ({ metadata }: PipelineVersionObject) =>
      [Date.parse(metadata.creationTimestamp), Number(metadata.resourceVersion)] as const;
    const [latest] = (await this.versionObjects(pipelineId)).sort((a, b) => {
      const [[first, earlier], [second, later]] = [age(a), age(b)];
      return second - first || later - earlier;
    });
    if (!latest) throw invalid(`Pipeline ${pipelineId} has no version. Upload one, or name another pipeline.`);
    return versionOf(latest);
  }

  async createVersion(pipelineId: string, version: NewVersion): Promise<CatalogVersion> {
    const { metadata: pipeline } = await this.find<PipelineObject>("pipelines", "Pipeline", pipelineId);
    checkName("version", version.name);
    const { labels, owner } = belonging(pipeline);
    // The first version is named as its pipeline is; later ones share the namespace with those of other pipelines.
    const name = version.name === pipeline.name ? version.name : `${pipeline.name}-${version.name}`;
    checkName("version", name);
    const object = await this.create<PipelineVersionObject>(
      "pipelineversions",
      "PipelineVersion",
      { name, labels, ownerReferences: [owner] },
      {
        pipelineName: pipeline.name,
        versionName: version.name,
        displayName: version.displayName ?? version.name,
        description: version.description,
        codeSourceURL: version.codeSourceUrl,
        tags: version.tags,
        ...version.package,
      },
    );
    return versionOf(object);
  }

  async changeVersion(pipelineId: string, id: string, changes: Changes): Promise<CatalogVersion> {
    const { metadata } = await this.findVersion(pipelineId, id);
    const { displayName, tags } = changes;
    const object = await this.change<PipelineVersionObject>("pipelineversions", metadata.name, { displayName, tags });
    return versionOf(object);
  }

  async deleteVersion(pipelineId: string, id: string): Promise<void> {
    const { metadata } = await this.findVersion(pipelineId, id);
    await this.remove("pipelineversions", metadata);
  }

  private async findVersion(pipelineId: string | undefined, id: string): Promise<PipelineVersionObject> {
    const version = await this.find<PipelineVersionObject>("pipelineversions", "Pipeline version", id);
    if (pipelineId !== undefined && pipelineIdOf(version) !== pipelineId)
      throw notFound("Pipeline version", `${id} of pipeline ${pipelineId}`);
    return version;
  }

  private versionObjects(pipelineId: string): Promise<PipelineVersionObject[]> {
    const selector = encodeURIComponent(`${PIPELINE_ID_LABEL}=${pipelineId}`);
    return this.list<PipelineVersionObject>("pipelineversions", `?labelSelector=${selector}`);
  }

  /** By UID: from the name it had last, else from all there are. */
  private async find<T extends { readonly metadata: Metadata }>(
    resource: Resource,
    kind: string,
    id: string,
  ): Promise<T> {
    const name = this.names.get(id);
    const known = name === undefined ? undefined : await this.read<T>(resource, name);
    if (known?.metadata.uid === id) return known;
    const found = (await this.list<T>(resource)).find(({ metadata }) => metadata.uid === id);
    if (!found) this.names.delete(id);
    if (!found) throw notFound(kind, id);
    return found;
  }

  private async list<T extends { readonly metadata: Metadata }>(resource: Resource, query = ""): Promise<T[]> {
    const { items } = await this.call<{ items: T[] }>("GET", this.path(resource) + query);
    for (const { metadata } of items) this.names.set(metadata.uid, metadata.name);
    return items;
  }

  private read<T>(resource: Resource, name: string): Promise<T | undefined> {
    return this.client.json<T>("GET", this.path(resource, name)).catch((error: unknown) => {
      if (answered(error, 404)) return undefined;
      throw fromCluster(error);
    });
  }

  private async create<T extends { readonly metadata: Metadata }>(
    resource: Resource,
    kind: string,
    metadata: object,
    spec: object,
  ): Promise<T> {
    const body = { apiVersion: API_VERSION, kind, metadata, spec };
    const made = await this.call<T>("POST", this.path(resource), body);
    this.names.set(made.metadata.uid, made.metadata.name);
    return made;
  }

  private change<T>(resource: Resource, name: string, spec: object): Promise<T> {
    return this.call<T>("PATCH", this.path(resource, name), { spec }, MERGE_PATCH);
  }

  private async remove(resource: Resource, { name, uid }: Metadata): Promise<void> {
    const options = { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid } };
    await this.call("DELETE", this.path(resource, name), options).catch((error: unknown) => {
      // Gone meanwhile is what was wanted.
      if (!(error instanceof ApiError && error.code === 5)) throw error;
    });
    this.names.delete(uid);
  }

  private call<T>(method: string, path: string, body?: unknown, type?: string): Promise<T> {
    return this.client.json<T>(method, path, body, type).catch((error: unknown) => {
      throw fromCluster(error);
    });
  }

  private path(resource: Resource, name?: string): string {
    const collection = `/apis/${API_VERSION}/namespaces/${this.namespace}/${resource}`;
    return name === undefined ? collection : `${collection}/${encodeURIComponent(name)}`;
  }
}

function checkName(kind: string, name: string): void {
  if (OBJECT_NAME.test(name) && name.length <= LONGEST_OBJECT_NAME) return;
  throw invalid(
    `The ${kind} name "${name}" must be lower-case letters, digits, "-" and ".", begin and end with a letter or digit, ` +
      `and have ${LONGEST_OBJECT_NAME} characters at most. Use 'display_name' for human-readable labels.`,
  );
}

const pipelineIdOf = ({ metadata }: PipelineVersionObject): string =>
  metadata.ownerReferences?.find(({ kind, apiVersion }) => kind === "Pipeline" && apiVersion === API_VERSION)?.uid ??
  metadata.labels?.[PIPELINE_ID_LABEL] ??
  "";

function pipelineOf({ metadata, spec }: PipelineObject): CatalogPipeline {
  return {
    id: metadata.uid,
    name: metadata.name,
    namespace: metadata.namespace,
    displayName: spec?.displayName || metadata.name,
    description: spec?.description,
    createdAt: Date.parse(metadata.creationTimestamp),
    tags: spec?.tags,
  };
}

function versionOf(version: PipelineVersionObject): CatalogVersion {
  const { metadata, spec } = version;
  const name = spec.versionName || metadata.name;
  return {
    id: metadata.uid,
    pipelineId: pipelineIdOf(version),
    name,
    displayName: spec.displayName || name,
    description: spec.description,
    createdAt: Date.parse(metadata.creationTimestamp),
    codeSourceUrl: spec.codeSourceURL,
    pipelineSpecUri: spec.pipelineSpecURI,
    package: packageOfVersion(version),
    tags: spec.tags,
  };
}
