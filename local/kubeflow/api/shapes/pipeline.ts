import type { CatalogPipeline, CatalogVersion } from "../../catalog/catalog";
import { type Fields, text, time } from "../filters";
import type { PipelineMessage, PipelineVersionMessage } from "../messages";
import { jsonOfPackage } from "../package-file";
import { timestamp } from "../times";

export const PIPELINE_FIELDS: Fields<CatalogPipeline> = {
  created_at: time((pipeline) => pipeline.createdAt),
  id: text((pipeline) => pipeline.id),
  pipeline_id: text((pipeline) => pipeline.id),
  name: text((pipeline) => pipeline.name),
  display_name: text((pipeline) => pipeline.displayName),
  description: text((pipeline) => pipeline.description),
  namespace: text((pipeline) => pipeline.namespace),
};

export const VERSION_FIELDS: Fields<CatalogVersion> = {
  created_at: time((version) => version.createdAt),
  id: text((version) => version.id),
  pipeline_version_id: text((version) => version.id),
  pipeline_id: text((version) => version.pipelineId),
  name: text((version) => version.name),
  display_name: text((version) => version.displayName),
  description: text((version) => version.description),
  code_source_url: text((version) => version.codeSourceUrl),
};

export function pipelineMessage(pipeline: CatalogPipeline): PipelineMessage {
  return {
    pipeline_id: pipeline.id,
    name: pipeline.name,
    display_name: pipeline.displayName,
    description: pipeline.description,
    created_at: timestamp(pipeline.createdAt),
    namespace: pipeline.namespace,
    tags: pipeline.tags,
  };
}

export function versionMessage(version: CatalogVersion): PipelineVersionMessage {
  return {
    pipeline_id: version.pipelineId,
    pipeline_version_id: version.id,
    name: version.name,
    display_name: version.displayName,
    description: version.description,
    created_at: timestamp(version.createdAt),
    package_url: version.pipelineSpecUri ? { pipeline_url: version.pipelineSpecUri } : undefined,
    code_source_url: version.codeSourceUrl,
    pipeline_spec: jsonOfPackage(version.package),
    tags: version.tags,
  };
}
