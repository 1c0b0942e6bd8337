import { z } from "zod";
import { integer, texts } from "./wire";
import { parameterSource } from "./pipeline-spec";

/** The second document of a compiled pipeline: `kfp_kubernetes`, the fields that this backend carries out. */

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(["Equal", "Exists"]).optional(),
  value: z.string().optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
  tolerationSeconds: integer.optional(),
  tolerationJson: parameterSource.optional(),
});

const requirement = z.strictObject({
  key: z.string(),
  operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]),
  values: z.array(z.string()).optional(),
});

/** The name of an object in the cluster: a source of its own, beside which compilers write the plain former field. */
const nameOf = <T extends string>(parameter: T) =>
  ({ [parameter]: parameterSource.optional() }) as { readonly [key in T]: z.ZodOptional<typeof parameterSource> };

const keyToEnv = <T extends string>(key: T) =>
  z.array(
    z.strictObject({ [key]: z.string(), envVar: z.string() } as { [name in T]: z.ZodString } & { envVar: z.ZodString }),
  );

const executorConfig = z.strictObject({
  nodeSelector: z.strictObject({ labels: texts.optional(), nodeSelectorJson: parameterSource.optional() }).optional(),
  tolerations: z.array(toleration).optional(),
  nodeAffinity: z
    .array(
      z.strictObject({
        matchExpressions: z.array(requirement).optional(),
        matchFields: z.array(requirement).optional(),
        /** With a weight a preference, without a demand. */
        weight: integer.optional(),
        nodeAffinityJson: parameterSource.optional(),
      }),
    )
    .optional(),
  pvcMount: z
    .array(
      z.strictObject({
        ...nameOf("pvcNameParameter"),
        constant: z.string().optional(),
        componentInputParameter: z.string().optional(),
        taskOutputParameter: parameterSource.shape.taskOutputParameter,
        mountPath: z.string(),
        subPath: z.string().optional(),
      }),
    )
    .optional(),
  secretAsEnv: z
    .array(
      z.strictObject({
        ...nameOf("secretNameParameter"),
        secretName: z.string().optional(),
        keyToEnv: keyToEnv("secretKey").optional(),
        optional: z.boolean().optional(),
      }),
    )
    .optional(),
  secretAsVolume: z
    .array(
      z.strictObject({
        ...nameOf("secretNameParameter"),
        secretName: z.string().optional(),
        mountPath: z.string(),
        optional: z.boolean().optional(),
      }),
    )
    .optional(),
  configMapAsEnv: z
    .array(
      z.strictObject({
        ...nameOf("configMapNameParameter"),
        configMapName: z.string().optional(),
        keyToEnv: keyToEnv("configMapKey").optional(),
        optional: z.boolean().optional(),
      }),
    )
    .optional(),
  configMapAsVolume: z
    .array(
      z.strictObject({
        ...nameOf("configMapNameParameter"),
        configMapName: z.string().optional(),
        mountPath: z.string(),
        optional: z.boolean().optional(),
      }),
    )
    .optional(),
  imagePullPolicy: z.enum(["Always", "Never", "IfNotPresent"]).optional(),
  imagePullSecret: z
    .array(z.strictObject({ ...nameOf("secretNameParameter"), secretName: z.string().optional() }))
    .optional(),
  podMetadata: z.strictObject({ labels: texts.optional(), annotations: texts.optional() }).optional(),
  fieldPathAsEnv: z.array(z.strictObject({ name: z.string(), fieldPath: z.string() })).optional(),
  activeDeadlineSeconds: integer.optional(),
  emptyDirMounts: z
    .array(
      z.strictObject({
        volumeName: z.string(),
        mountPath: z.string(),
        medium: z.string().optional(),
        sizeLimit: z.string().optional(),
      }),
    )
    .optional(),
  securityContext: z
    .strictObject({
      runAsUser: integer.optional(),
      runAsGroup: integer.optional(),
      runAsNonRoot: z.boolean().optional(),
    })
    .optional(),
});
export type ExecutorConfig = z.infer<typeof executorConfig>;

const kubernetes = z.strictObject({
  deploymentSpec: z.strictObject({ executors: z.record(z.string(), executorConfig).optional() }).optional(),
  pipelineConfig: z
    .strictObject({
      /** Nothing of a finished task stays in the cluster, so that any time to live is kept. */
      resourceTtlOnCompletion: integer.optional(),
      resourceTtlOnSuccess: integer.optional(),
      resourceTtlOnFailure: integer.optional(),
      activeDeadlineSeconds: integer.optional(),
    })
    .optional(),
});

export const platformSpec = z.strictObject({
  platforms: z.strictObject({ kubernetes: kubernetes.optional() }).optional(),
});
export type PlatformSpec = z.infer<typeof platformSpec>;
