import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { ImageName } from "../../images/tags";
import { SHARED_MOUNT } from "../platform/pods";
import type { ContainerResources } from "../settings/fields";
import type { BooksSettings } from "../settings/recommenders";

export type BooksTask =
  "download-dataset" | "prepare-dataset" | "recommender-scikit" | "recommender-pytorch" | "recommender-scikit-gpu-node";

/** One step of the books pipeline: everything that decides what it computes and where. */
export interface TaskPlan {
  readonly task: BooksTask;
  /** Tasks whose files this one reads. */
  readonly needs: readonly BooksTask[];
  readonly image: ImageName;
  readonly args: readonly string[];
  readonly pool: string;
  readonly gpus: number;
  readonly resources: ContainerResources;
  /** Whether the step talks to object storage or to the address of the data. */
  readonly reachesOut: boolean;
}

/** Directory of the shared volume with data, models and reports. */
export const DATA_DIRECTORY = `${SHARED_MOUNT}/data/datasets`;

/** Model that is served. */
export const SERVED_TASK: BooksTask = "recommender-scikit";

/** Key of the ratings in the data bucket: other bytes are another object. */
export function dataKey({ file, sha256 }: { file: string; sha256: string }): string {
  return `books/${sha256}/${basename(file)}`;
}

/**
 * The five tasks in the order in which they can run: download, prepare, then three trainings side by side. The last
 * one uses no GPU; it takes a GPU node to show that node's CPU beside the other's.
 *
 * @param source where the download step finds the ratings
 */
export function booksTasks(books: BooksSettings, source: string): TaskPlan[] {
  const { data, cpuPool, gpuPool, steps, shrink, neighbours } = books;
  const onCpu = { pool: cpuPool, gpus: 0, reachesOut: false };
  const onGpu = { pool: gpuPool, gpus: 1, reachesOut: false };
  const training = (task: BooksTask, engine: "scikit" | "torch") => ({
    task,
    needs: ["prepare-dataset"] as const,
    args: [
      ...["neighbours", "--engine", engine, "--task", task, "--datadir", DATA_DIRECTORY],
      ...["--shrink", String(shrink), "--neighbours", String(neighbours)],
    ],
    resources: steps.training,
  });
  return [
    {
      task: "download-dataset",
      needs: [],
      image: "books-fetch",
      args: [
        ...["--source", source, "--sha256", data.sha256, "--fname", basename(data.file ?? data.url ?? source)],
        ...["--cachedir", `${SHARED_MOUNT}/data`, "--cachesubdir", "datasets"],
      ],
      resources: steps.download,
      ...onCpu,
      reachesOut: true,
    },
    {
      task: "prepare-dataset",
      needs: ["download-dataset"],
      image: "books-cpu",
      args: ["prepare", "--datadir", DATA_DIRECTORY],
      resources: steps.prepare,
      ...onCpu,
    },
    { ...training("recommender-scikit", "scikit"), image: "books-cpu", ...onCpu },
    { ...training("recommender-pytorch", "torch"), image: "books-gpu", ...onGpu },
    { ...training("recommender-scikit-gpu-node", "scikit"), image: "books-cpu", ...onGpu },
  ];
}

/**
 * Digest of all that goes into each task, the tasks before it included. It is part of the Job's name, so a step runs
 * again when, and only when, its result could be another.
 *
 * @param tagOf content tag of an image
 */
export function digests(plans: readonly TaskPlan[], tagOf: (image: ImageName) => string): Map<BooksTask, string> {
  const known = new Map<BooksTask, string>();
  for (const plan of plans) {
    const upstream = plan.needs.map((task) => {
      const digest = known.get(task);
      if (digest === undefined) throw new Error(`Task ${plan.task} needs ${task}, which does not come before it.`);
      return digest;
    });
    const content = JSON.stringify([plan, tagOf(plan.image), upstream]);
    known.set(plan.task, createHash("sha256").update(content).digest("hex").slice(0, 10));
  }
  return known;
}
