/** What the backend is told by its environment. */
export interface Configuration {
  /** Namespace of the pipelines, their runs and this process. */
  readonly namespace: string;
  /** File that names cluster and identity; absent in a pod, which has its own. */
  readonly kubeconfig?: string;
  /** Address to listen on. */
  readonly host: string;
  readonly port: number;
  /** Absent: the API server asks nobody about pipeline versions. */
  readonly webhook?: { readonly port: number; readonly certificate: string; readonly key: string };
  /** Folder of this process alone, which must outlive it. */
  readonly stateDirectory: string;
  /** Where the shared volume is mounted here. */
  readonly sharedDirectory: string;
  /** Claim under which steps mount their parts of it. */
  readonly sharedClaim: string;
  /** `s3://<bucket>/<prefix>` for artifacts of pipelines that do not say. */
  readonly pipelineRoot: string;
  /** Secret with which the nodes pull the images of steps. */
  readonly pullSecret?: string;
  readonly priorityClass?: string;
  /** Containers at the same time, of all runs together. */
  readonly parallelTasks: number;
  readonly imagePullPatienceSeconds: number;
  readonly configurationPatienceSeconds: number;
  readonly objectStoragePatienceSeconds: number;
  /** Files of the runs page; absent: there is no page. */
  readonly pageDirectory?: string;
}

/** Each variable with what it is for, as the refusal of a wrong one says. */
const MEANINGS = {
  NAMESPACE: "the namespace of the pipelines and their runs",
  KUBECONFIG: "a kubeconfig file; unset in a pod",
  HOST: "the address to listen on, 0.0.0.0 unless set",
  PORT: "the port of the API, 8888 unless set",
  WEBHOOK_PORT: "the port of the admission webhook, 8443 unless set",
  WEBHOOK_CERTIFICATE: "the PEM file of the webhook's certificate; unset for none",
  WEBHOOK_KEY: "the PEM file of the webhook's key",
  STATE_DIRECTORY: "a folder of this process alone that outlives it",
  SHARED_DIRECTORY: "the folder where the shared volume is mounted",
  SHARED_CLAIM: "the claim of the shared volume, for the pods of steps",
  PIPELINE_ROOT: "where artifacts are written, as s3://<bucket>/<prefix>",
  AWS_ENDPOINT_URL_S3: "the address of the object storage, Amazon's unless set",
  AWS_REGION: "the region of the object storage",
  AWS_ACCESS_KEY_ID: "the access key for artifacts",
  AWS_SECRET_ACCESS_KEY: "the secret key for artifacts",
  PULL_SECRET: "the secret with which nodes pull images; unset for none",
  PRIORITY_CLASS: "the priority class of steps; unset for none",
  PARALLEL_TASKS: "how many containers run at the same time, 32 unless set",
  IMAGE_PULL_PATIENCE_SECONDS: "how long an image may fail to be pulled, 60 unless set",
  CONFIGURATION_PATIENCE_SECONDS: "how long a secret, config map or volume may be missing, 20 unless set",
  OBJECT_STORAGE_PATIENCE_SECONDS: "how long object storage may fail to answer, 60 unless set",
  PAGE_DIRECTORY: "the files of the runs page; unset for none",
} as const;
type Name = keyof typeof MEANINGS;

/** @throws Error that names every variable that is missing or wrong, with what belongs there */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  const faults: string[] = [];
  const optional = (name: Name): string | undefined => environment[name] || undefined;
  const required = (name: Name): string => {
    const value = optional(name);
    if (value === undefined) faults.push(`${name} is not set: give ${MEANINGS[name]}.`);
    return value ?? "";
  };
  const number = (name: Name, otherwise: number, least: number, most = Number.MAX_SAFE_INTEGER): number => {
    const value = optional(name);
    if (value === undefined) return otherwise;
    if (/^\d+$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
    faults.push(`${name} is "${value}": give ${MEANINGS[name]}, a whole number from ${least}.`);
    return otherwise;
  };
  const absolute = (name: Name): string => {
    const value = required(name);
    if (value !== "" && !value.startsWith("/")) faults.push(`${name} is "${value}": give ${MEANINGS[name]}, from /.`);
    return value;
  };
  const pipelineRoot = required("PIPELINE_ROOT");
  if (pipelineRoot !== "" && !/^s3:\/\/[^/]+/.test(pipelineRoot))
    faults.push(`PIPELINE_ROOT is "${pipelineRoot}": give ${MEANINGS.PIPELINE_ROOT}.`);
  // The client of the object storage reads these itself, but only when the first step has ended.
  for (const name of ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] as const) required(name);
  const certificate = optional("WEBHOOK_CERTIFICATE");
  const configuration: Configuration = {
    namespace: required("NAMESPACE"),
    kubeconfig: optional("KUBECONFIG"),
    host: optional("HOST") ?? "0.0.0.0",
    port: number("PORT", 8888, 0, 65_535),
    webhook:
      certificate === undefined
        ? undefined
        : { port: number("WEBHOOK_PORT", 8443, 0, 65_535), certificate, key: required("WEBHOOK_KEY") },
    stateDirectory: absolute("STATE_DIRECTORY"),
    sharedDirectory: absolute("SHARED_DIRECTORY"),
    sharedClaim: required("SHARED_CLAIM"),
    pipelineRoot,
    pullSecret: optional("PULL_SECRET"),
    priorityClass: optional("PRIORITY_CLASS"),
    parallelTasks: number("PARALLEL_TASKS", 32, 1),
    imagePullPatienceSeconds: number("IMAGE_PULL_PATIENCE_SECONDS", 60, 0),
    configurationPatienceSeconds: number("CONFIGURATION_PATIENCE_SECONDS", 20, 0),
    objectStoragePatienceSeconds: number("OBJECT_STORAGE_PATIENCE_SECONDS", 60, 0),
    pageDirectory: optional("PAGE_DIRECTORY"),
  };
  if (faults.length > 0) throw new Error(faults.join("\n"));
  return configuration;
}
