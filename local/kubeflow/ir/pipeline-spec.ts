import { z } from "zod";
import { duration, integer, json, struct } from "./wire";

/**
 * The documents of a compiled pipeline as they are written: PipelineSpec of `ml_pipelines` in proto-JSON, every field
 * that this backend carries out and no other. An unknown field is a fault, never dropped.
 */

export const PARAMETER_TYPES = [
  "NUMBER_DOUBLE",
  "NUMBER_INTEGER",
  "STRING",
  "BOOLEAN",
  "LIST",
  "STRUCT",
  "TASK_FINAL_STATUS",
] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

const artifactType = z.strictObject({
  schemaTitle: z.string().optional(),
  schemaVersion: z.string().optional(),
  /** Forms of the first SDK; they carry the same as the title. */
  instanceSchema: z.string().optional(),
});

/** Compilers write the type of the first schema version beside the present one. */
const formerType = z.enum(["INT", "DOUBLE", "STRING"]).optional();

const inputDefinitions = z.strictObject({
  parameters: z
    .record(
      z.string(),
      z.strictObject({
        parameterType: z.enum(PARAMETER_TYPES),
        type: formerType,
        defaultValue: json.optional(),
        isOptional: z.boolean().optional(),
        description: z.string().optional(),
        literals: z.array(json).optional(),
      }),
    )
    .optional(),
  artifacts: z
    .record(
      z.string(),
      z.strictObject({
        artifactType: artifactType.optional(),
        isArtifactList: z.boolean().optional(),
        isOptional: z.boolean().optional(),
        description: z.string().optional(),
      }),
    )
    .optional(),
});

const outputDefinitions = z.strictObject({
  parameters: z
    .record(
      z.string(),
      z.strictObject({
        parameterType: z.enum(PARAMETER_TYPES),
        type: formerType,
        description: z.string().optional(),
      }),
    )
    .optional(),
  artifacts: z
    .record(
      z.string(),
      z.strictObject({
        artifactType: artifactType.optional(),
        isArtifactList: z.boolean().optional(),
        metadata: struct.optional(),
        description: z.string().optional(),
      }),
    )
    .optional(),
});

const runtimeValue = z.strictObject({
  constant: json.optional(),
  /** How the first schema version wrote constants. */
  constantValue: z
    .strictObject({
      stringValue: z.string().optional(),
      intValue: integer.optional(),
      doubleValue: z.number().optional(),
    })
    .optional(),
});

export const parameterSource = z.strictObject({
  taskOutputParameter: z.strictObject({ producerTask: z.string(), outputParameterKey: z.string() }).optional(),
  componentInputParameter: z.string().optional(),
  runtimeValue: runtimeValue.optional(),
  taskFinalStatus: z.strictObject({ producerTask: z.string() }).optional(),
  parameterExpressionSelector: z.string().optional(),
});
/** Where a parameter of a task comes from. */
export type ParameterSource = z.infer<typeof parameterSource>;

const artifactSource = z.strictObject({
  taskOutputArtifact: z.strictObject({ producerTask: z.string(), outputArtifactKey: z.string() }).optional(),
  componentInputArtifact: z.string().optional(),
});
export type ArtifactSource = z.infer<typeof artifactSource>;

const task = z.strictObject({
  taskInfo: z.strictObject({ name: z.string().optional() }).optional(),
  componentRef: z.strictObject({ name: z.string() }),
  dependentTasks: z.array(z.string()).optional(),
  inputs: z
    .strictObject({
      parameters: z.record(z.string(), parameterSource).optional(),
      artifacts: z.record(z.string(), artifactSource).optional(),
    })
    .optional(),
  cachingOptions: z.strictObject({ enableCache: z.boolean().optional(), cacheKey: z.string().optional() }).optional(),
  triggerPolicy: z
    .strictObject({
      condition: z.string().optional(),
      strategy: z
        .enum(["TRIGGER_STRATEGY_UNSPECIFIED", "ALL_UPSTREAM_TASKS_SUCCEEDED", "ALL_UPSTREAM_TASKS_COMPLETED"])
        .optional(),
    })
    .optional(),
  parameterIterator: z
    .strictObject({
      items: z.strictObject({ raw: z.string().optional(), inputParameter: z.string().optional() }),
      itemInput: z.string(),
    })
    .optional(),
  iteratorPolicy: z.strictObject({ parallelismLimit: integer.optional() }).optional(),
  retryPolicy: z
    .strictObject({
      maxRetryCount: integer.optional(),
      backoffDuration: duration.optional(),
      backoffFactor: z.number().min(1, { error: "must be at least 1" }).optional(),
      backoffMaxDuration: duration.optional(),
    })
    .optional(),
});
export type TaskSpec = z.infer<typeof task>;

const parameterSelector = z.strictObject({ producerSubtask: z.string(), outputParameterKey: z.string() });
const artifactSelector = z.strictObject({ producerSubtask: z.string(), outputArtifactKey: z.string() });

const dag = z.strictObject({
  tasks: z.record(z.string(), task),
  outputs: z
    .strictObject({
      parameters: z
        .record(
          z.string(),
          z.strictObject({
            valueFromParameter: parameterSelector.optional(),
            valueFromOneof: z.strictObject({ parameterSelectors: z.array(parameterSelector).min(1) }).optional(),
          }),
        )
        .optional(),
      artifacts: z
        .record(z.string(), z.strictObject({ artifactSelectors: z.array(artifactSelector).min(1) }))
        .optional(),
    })
    .optional(),
});
export type DagSpec = z.infer<typeof dag>;

const component = z.strictObject({
  inputDefinitions: inputDefinitions.optional(),
  outputDefinitions: outputDefinitions.optional(),
  dag: dag.optional(),
  executorLabel: z.string().optional(),
  platformSpecs: z.never({ error: "is not supported: put platform settings into the second document" }).optional(),
});
export type ComponentSpec = z.infer<typeof component>;

const container = z.strictObject({
  image: z.string().min(1, { error: "must name an image" }),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  env: z.array(z.strictObject({ name: z.string(), value: z.string().optional() })).optional(),
  resources: z
    .strictObject({
      resourceCpuRequest: z.string().optional(),
      resourceCpuLimit: z.string().optional(),
      resourceMemoryRequest: z.string().optional(),
      resourceMemoryLimit: z.string().optional(),
      /** Cores, and 10^9 bytes: the forms before the quantities, which win. */
      cpuRequest: z.number().optional(),
      cpuLimit: z.number().optional(),
      memoryRequest: z.number().optional(),
      memoryLimit: z.number().optional(),
      accelerator: z
        .strictObject({
          resourceType: z.string().optional(),
          resourceCount: z.string().optional(),
          type: z.string().optional(),
          count: integer.optional(),
        })
        .optional(),
    })
    .optional(),
});
export type ContainerSpec = z.infer<typeof container>;

const importer = z.strictObject({
  artifactUri: z.strictObject({
    constant: json.optional(),
    constantValue: z.strictObject({ stringValue: z.string() }).optional(),
    runtimeParameter: z.string().optional(),
  }),
  typeSchema: artifactType.optional(),
  metadata: struct.optional(),
  reimport: z.boolean().optional(),
});
export type ImporterSpec = z.infer<typeof importer>;

const executor = z.strictObject({ container: container.optional(), importer: importer.optional() });
export type ExecutorSpec = z.infer<typeof executor>;

export const pipelineSpec = z.strictObject({
  pipelineInfo: z.strictObject({
    name: z.string(),
    displayName: z.string().optional(),
    description: z.string().optional(),
  }),
  root: component,
  components: z.record(z.string(), component).optional(),
  deploymentSpec: z.strictObject({ executors: z.record(z.string(), executor).optional() }).optional(),
  schemaVersion: z.literal("2.1.0"),
  sdkVersion: z.string().optional(),
  defaultPipelineRoot: z.string().optional(),
});
export type PipelineSpec = z.infer<typeof pipelineSpec>;
