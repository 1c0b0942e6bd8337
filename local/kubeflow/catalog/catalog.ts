import type { PipelinePackage } from "../model";

/** A pipeline of the cluster; ids are UIDs. Times are milliseconds since the epoch. */
export interface CatalogPipeline {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly displayName: string;
  readonly description?: string;
  readonly createdAt: number;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface CatalogVersion {
  readonly id: string;
  readonly pipelineId: string;
  readonly name: string;
  readonly displayName: string;
  readonly description?: string;
  readonly createdAt: number;
  readonly codeSourceUrl?: string;
  readonly pipelineSpecUri?: string;
  readonly package: PipelinePackage;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface NewPipeline {
  readonly name: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface NewVersion extends NewPipeline {
  readonly codeSourceUrl?: string;
  readonly package: PipelinePackage;
}

/** What of a pipeline can change; of a version only `displayName` and `tags`. */
export type Changes = Partial<Pick<NewPipeline, "displayName" | "description" | "tags">>;

/** Pipelines and their versions. Every method throws ApiError: not found, exists already, refused by the cluster. */
export interface Catalog {
  pipelines(): Promise<CatalogPipeline[]>;
  pipeline(id: string): Promise<CatalogPipeline>;
  pipelineNamed(name: string): Promise<CatalogPipeline>;
  createPipeline(pipeline: NewPipeline): Promise<CatalogPipeline>;
  changePipeline(id: string, changes: Changes): Promise<CatalogPipeline>;
  /** Refuses a pipeline with versions unless they are to go with it. */
  deletePipeline(id: string, cascade: boolean): Promise<void>;

  versions(pipelineId: string): Promise<CatalogVersion[]>;
  /** Of whatever pipeline where none is named. */
  version(pipelineId: string | undefined, id: string): Promise<CatalogVersion>;
  /** The version created last. */
  latestVersion(pipelineId: string): Promise<CatalogVersion>;
  createVersion(pipelineId: string, version: NewVersion): Promise<CatalogVersion>;
  changeVersion(pipelineId: string, id: string, changes: Changes): Promise<CatalogVersion>;
  deleteVersion(pipelineId: string, id: string): Promise<void>;
}
