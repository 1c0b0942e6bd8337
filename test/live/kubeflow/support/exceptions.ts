import type { Finding } from "./kube-score";

/** What the judge says and we do otherwise, on purpose. */
export interface Exception {
  readonly rule: string;
  /** The complaint, where a rule has several. */
  readonly complaint?: string;
  /** Objects that it is about; all where it is left out. */
  readonly objects?: RegExp;
  /** What is installed, where that decides; whatever it is where this is left out. */
  readonly installed?: RegExp;
  readonly reason: string;
}

/** Parts of the official backend whose images belong to a user of their own. */
const OFFICIAL = /^Deployment recommenders\/(platform-)?kubeflow-official-/;
const NFS_SERVER = /^Deployment storage\/platform-shared-volume-nfs-server$/;
const STEPS = /^Job recommenders\//;
/** Disks that one pod at a time may have. */
const ALONE = /^Deployment .*(kubeflow-official-database-server|kubeflow-compact-server|nfs-server)$/;

export const EXCEPTIONS: readonly Exception[] = [
  {
    rule: "container-resources",
    complaint: "CPU limit is not set",
    reason:
      "A limit of CPU time slows a pod down while its node has nothing else to do. Its request keeps its share; memory, which cannot be given back, has a limit everywhere.",
  },
  {
    rule: "container-image-pull-policy",
    reason:
      "Every image has a tag that is never written twice (a release, or a digest of its content), so a copy on the node is the image itself. A pod starts although the registry is away.",
  },
  {
    rule: "container-ephemeral-storage-request-and-limit",
    objects: /^(Job|Deployment storage\/)/,
    reason:
      "Steps and the NFS server keep their data in volumes; how much a step writes to its node is the pipeline's to say. A kubelet evicts whoever fills its disk.",
  },
  {
    rule: "container-security-context-user-group-id",
    objects: OFFICIAL,
    reason:
      "Files of the official images belong to users 1000, 999 and 8737 and to group 0; as anybody else they could not read their own configuration or data. None of them is root.",
  },
  {
    rule: "container-security-context-user-group-id",
    objects: NFS_SERVER,
    reason: "An NFS server gives files to users whom it is told, which only root may. Six capabilities are left to it.",
  },
  {
    rule: "container-memory-requests-equal-limits",
    objects: NFS_SERVER,
    reason: "Its memory is mostly a cache, which grows with what is read and may be taken away.",
  },
  {
    rule: "container-security-context-readonlyrootfilesystem",
    objects: STEPS,
    reason: "A step is somebody's program, which may write where it likes; what it writes is gone with its pod.",
  },
  {
    rule: "pod-probes-identical",
    objects: /^Deployment .*(kubeflow-|nfs-server$)/,
    reason:
      "These answer without asking anybody else, or have nothing but a port: there is one thing to ask. Readiness gives up within seconds, liveness only much later.",
  },
  {
    rule: "deployment-replicas",
    objects: /^Deployment .*(kubeflow-|nfs-server$)/,
    reason:
      "One pod each: two of them would share one disk, or do the same work twice. Runs outlive their absence, since what is to be done is kept in the cluster and in the database.",
  },
  {
    rule: "deployment-replicas",
    objects: /^Deployment recommenders\/recommenders-.*serving-deployment$/,
    installed: /^the stack (local|dev)$/,
    reason:
      "One pod where the settings ask for one: on one machine, whose only node a second pod would not outlive, and for the example in dev.",
  },
  {
    rule: "deployment-strategy",
    objects: ALONE,
    reason: "Its volume is of one pod at a time: the old one must go before the new one comes.",
  },
  {
    rule: "deployment-has-host-podantiaffinity",
    objects: /^Deployment recommenders\/recommenders-.*serving-deployment$/,
    reason: "topologySpreadConstraints spread it, and let a second pod start where a single node is left.",
  },
  {
    rule: "networkpolicy-targets-pod",
    objects: /^NetworkPolicy .*-steps-access$/,
    reason: "Its pods are those of steps, which are made when a run begins.",
  },
];

export function excuses(exception: Exception, finding: Finding): boolean {
  const { rule, complaint = finding.complaint, objects, installed } = exception;
  return (
    rule === finding.rule &&
    complaint === finding.complaint &&
    (installed === undefined || installed.test(finding.installed)) &&
    (objects === undefined || objects.test(finding.object))
  );
}
