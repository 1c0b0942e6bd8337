import { type Column, type Definition, definition, type Schema } from "./definition";

/** Kept as it comes: Argo's own schemas are too large for a client-side apply, and its controller validates. */
const open: Schema = {
  type: "object",
  "x-kubernetes-map-type": "atomic",
  "x-kubernetes-preserve-unknown-fields": true,
};

interface ArgoKind {
  readonly kind: string;
  readonly shortNames?: readonly string[];
  readonly scope?: "Cluster";
  readonly status?: boolean;
  readonly statusSubresource?: boolean;
  readonly columns?: readonly Column[];
}

const KINDS: readonly ArgoKind[] = [
  {
    kind: "Workflow",
    shortNames: ["wf"],
    status: true,
    columns: [
      { name: "Status", type: "string", jsonPath: ".status.phase" },
      { name: "Age", type: "date", jsonPath: ".status.startedAt" },
      { name: "Message", type: "string", jsonPath: ".status.message" },
    ],
  },
  { kind: "WorkflowTemplate", shortNames: ["wftmpl"] },
  { kind: "ClusterWorkflowTemplate", shortNames: ["clusterwftmpl", "cwft"], scope: "Cluster" },
  { kind: "CronWorkflow", shortNames: ["cwf", "cronwf"], status: true },
  { kind: "WorkflowEventBinding", shortNames: ["wfeb"] },
  { kind: "WorkflowTaskSet", shortNames: ["wfts"], status: true, statusSubresource: true },
  { kind: "WorkflowArtifactGCTask", shortNames: ["wfat"], status: true, statusSubresource: true },
];

const group = "argoproj.io";
const version = "v1alpha1";

/** What a step's executor reports stands beside metadata, not in a spec. */
const TASK_RESULT = definition({
  group,
  version,
  kind: "WorkflowTaskResult",
  plural: "workflowtaskresults",
  properties: {
    message: { type: "string" },
    phase: { type: "string" },
    progress: { type: "string" },
    outputs: open,
  },
});

/** The kinds of Argo Workflows, which carries out the runs of the official backend. */
export const ARGO_DEFINITIONS: readonly Definition[] = [
  ...KINDS.map(({ kind, status, ...rest }) =>
    definition({
      ...rest,
      group,
      version,
      kind,
      plural: `${kind.toLowerCase()}s`,
      properties: { spec: open, ...(status && { status: open }) },
      required: ["metadata", "spec"],
    }),
  ),
  TASK_RESULT,
];
