import { randomUUID } from "node:crypto";
import { alreadyExists, ApiError, invalid, notFound, notNow } from "../../../local/kubeflow/api/errors";
import type {
  Catalog,
  CatalogPipeline,
  CatalogVersion,
  Changes,
  NewPipeline,
  NewVersion,
} from "../../../local/kubeflow/catalog/catalog";

/** Pipelines and versions in maps. */
export class MemoryCatalog implements Catalog {
  readonly allPipelines = new Map<string, CatalogPipeline>();
  readonly allVersions = new Map<string, CatalogVersion>();
  /** Set to have every call fail as if the cluster's API server did not answer. */
  away = false;

  constructor(private readonly now: () => number) {}

  pipelines(): Promise<CatalogPipeline[]> {
    return this.answer(() => [...this.allPipelines.values()]);
  }

  pipeline(id: string): Promise<CatalogPipeline> {
    return this.answer(() => this.pipelineOf(id));
  }

  pipelineNamed(name: string): Promise<CatalogPipeline> {
    return this.answer(() => {
      const found = [...this.allPipelines.values()].find((pipeline) => pipeline.name === name);
      if (!found) throw notFound("Pipeline", name);
      return found;
    });
  }

  createPipeline({ displayName, ...pipeline }: NewPipeline): Promise<CatalogPipeline> {
    return this.answer(() => {
      const { name } = pipeline;
      if ([...this.allPipelines.values()].some((each) => each.name === name)) throw alreadyExists(`${name} exists.`);
      const made = { ...this.identity(), ...pipeline, namespace: "recommenders", displayName: displayName ?? name };
      this.allPipelines.set(made.id, made);
      return made;
    });
  }

  changePipeline(id: string, changes: Changes): Promise<CatalogPipeline> {
    return this.answer(() => {
      const changed = { ...this.pipelineOf(id), ...defined(changes) };
      this.allPipelines.set(id, changed);
      return changed;
    });
  }

  deletePipeline(id: string, cascade: boolean): Promise<void> {
    return this.answer(() => {
      this.pipelineOf(id);
      const versions = this.versionsOf(id);
      if (versions.length > 0 && !cascade) throw notNow(`Pipeline ${id} has versions.`);
      for (const version of versions) this.allVersions.delete(version.id);
      this.allPipelines.delete(id);
    });
  }

  versions(pipelineId: string): Promise<CatalogVersion[]> {
    return this.answer(() => this.versionsOf(pipelineId));
  }

  version(pipelineId: string | undefined, id: string): Promise<CatalogVersion> {
    return this.answer(() => {
      const found = this.allVersions.get(id);
      if (!found || (pipelineId && found.pipelineId !== pipelineId)) throw notFound("Pipeline version", id);
      return found;
    });
  }

  latestVersion(pipelineId: string): Promise<CatalogVersion> {
    return this.answer(() => {
      this.pipelineOf(pipelineId);
      const latest = this.versionsOf(pipelineId).at(-1);
      if (!latest) throw invalid(`Pipeline ${pipelineId} has no version.`);
      return latest;
    });
  }

  createVersion(pipelineId: string, { displayName, ...version }: NewVersion): Promise<CatalogVersion> {
    return this.answer(() => {
      this.pipelineOf(pipelineId);
      const { name } = version;
      if (this.versionsOf(pipelineId).some((each) => each.name === name)) throw alreadyExists(`${name} exists.`);
      const made = { ...this.identity(), ...version, pipelineId, displayName: displayName ?? name };
      this.allVersions.set(made.id, made);
      return made;
    });
  }

  async changeVersion(pipelineId: string, id: string, changes: Changes): Promise<CatalogVersion> {
    const changed = { ...(await this.version(pipelineId, id)), ...defined(changes) };
    this.allVersions.set(id, changed);
    return changed;
  }

  async deleteVersion(pipelineId: string, id: string): Promise<void> {
    await this.version(pipelineId, id);
    this.allVersions.delete(id);
  }

  private pipelineOf(id: string): CatalogPipeline {
    const found = this.allPipelines.get(id);
    if (!found) throw notFound("Pipeline", id);
    return found;
  }

  private versionsOf(pipelineId: string): CatalogVersion[] {
    return [...this.allVersions.values()].filter((version) => version.pipelineId === pipelineId);
  }

  private identity = () => ({ id: randomUUID(), createdAt: this.now() });

  private answer<T>(work: () => T): Promise<T> {
    return new Promise((done) => {
      if (this.away) throw new ApiError(14, "The cluster's API server does not answer.");
      done(work());
    });
  }
}

function defined(changes: Changes): Changes {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
