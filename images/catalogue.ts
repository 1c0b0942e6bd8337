/** What goes into an image of ours. All paths are relative to the repository. */
export interface ImageSource {
  /** Files and folders that the Containerfile finds in its context, at the same paths. */
  readonly sources: readonly string[];
  /** Programs in TypeScript: file in the context → entry point. Each becomes one file, its packages included. */
  readonly bundles?: Readonly<Record<string, string>>;
}

/**
 * Images of ours. Each has a folder here with its Containerfile, which knows two arguments: BASE, a Debian 13, and for
 * `books-gpu` TORCH: `cuda` (PyTorch's own build) or `debian` (Debian's small one, where no GPU answers).
 * What is not listed here is not in the context, and does not change the tag.
 */
export const IMAGES = {
  /** Step 1: brings the ratings to the shared volume. */
  "books-fetch": { sources: [], bundles: { "download.js": "pipelines/books/steps/download/main.ts" } },
  /** Steps 2, 3 and 5: preparation and scikit-learn. */
  "books-cpu": { sources: ["pipelines/books/steps/books", "pipelines/books/steps/requirements-cpu.txt"] },
  /** Step 4: PyTorch. */
  "books-gpu": { sources: ["pipelines/books/steps/books", "pipelines/books/steps/requirements-gpu.txt"] },
  /** Answers requests. */
  "books-serving": { sources: [], bundles: { "serving.js": "services/books-serving/main.ts" } },
  /** The shared volume: an NFS server in user space. */
  "nfs-server": { sources: ["images/nfs-server/ganesha.conf", "images/nfs-server/start.sh"] },
} as const satisfies Record<string, ImageSource>;

export type ImageName = keyof typeof IMAGES;
