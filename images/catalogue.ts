/** What goes into an image of ours. All paths are relative to the repository. */
export interface ImageSource {
  /** Files and folders that the Containerfile finds in its context, at the same paths. */
  readonly sources: readonly string[];
  /** Programs in TypeScript: file in the context → entry point. Each becomes one file, its packages included. */
  readonly bundles?: Readonly<Record<string, string>>;
  /** The same for a browser. */
  readonly browserBundles?: Readonly<Record<string, string>>;
  /** Folders that the programs import from beside the one of their entry point. */
  readonly bundled?: readonly string[];
}

/**
 * Images of ours. Each has a folder here with its Containerfile, which knows two arguments: BASE, a Debian 13, and for
 * `books-gpu` TORCH: `cuda` (PyTorch's own build) or `debian` (Debian's small one, where no GPU answers).
 * What is not listed here is not in the context, and does not change the tag.
 */
export const IMAGES = {
  /** Step 1: brings the ratings to the shared volume. */
  "books-fetch": {
    sources: [],
    bundles: { "download.js": "pipelines/books/steps/download/main.ts" },
    bundled: ["pipelines/components/program"],
  },
  /** Steps 2, 3, 5 and the evaluation: preparation and scikit-learn. */
  "books-cpu": {
    sources: [
      "pipelines/books/steps/books",
      "pipelines/books/steps/requirements-cpu.txt",
      "pipelines/components/step_io",
    ],
  },
  /** Step 4: PyTorch. */
  "books-gpu": {
    sources: [
      "pipelines/books/steps/books",
      "pipelines/books/steps/requirements-gpu.txt",
      "pipelines/components/step_io",
    ],
  },
  /** All steps of the iris pipeline; its requirements are those of books-cpu, and so are its layers. */
  iris: {
    sources: [
      "pipelines/iris/steps/iris",
      "pipelines/books/steps/requirements-cpu.txt",
      "pipelines/components/step_io",
    ],
  },
  /** Steps of every pipeline: the gate, and what makes a model current. */
  models: {
    sources: [],
    bundles: { "models.js": "pipelines/components/models/main.ts" },
    bundled: ["pipelines/components/program"],
  },
  /** Answers requests. */
  serving: { sources: [], bundles: { "serving.js": "services/serving/main.ts" } },
  /** Carries pipelines out where Kubeflow's own dozen of pods is too much. */
  "pipelines-backend": {
    sources: ["local/kubeflow/page/static"],
    bundles: { "backend.js": "local/kubeflow/main.ts" },
    browserBundles: { "page.js": "local/kubeflow/page/client/main.ts" },
    bundled: ["local/kubernetes", "pipelines/sdk/quantity.ts"],
  },
  /** The shared volume: an NFS server in user space. */
  "nfs-server": { sources: ["images/nfs-server/ganesha.conf", "images/nfs-server/start.sh"] },
} as const satisfies Record<string, ImageSource>;

export type ImageName = keyof typeof IMAGES;
