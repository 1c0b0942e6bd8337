import { books, type BooksArgs } from "./pipeline";

/** Stand-ins for what the stack hands over. */
export const EXAMPLE: BooksArgs = {
  cluster: {
    cpu: { nodeSelector: { pool: "cpu" } },
    gpu: { nodeSelector: { pool: "gpu" }, tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }] },
    pullSecret: "pulls",
    objectStorageSecret: "object-storage",
    timeoutMinutes: 30,
  },
  images: {
    fetch: "registry/books-fetch:1",
    cpu: "registry/books-cpu:1",
    gpu: "registry/books-gpu:1",
    models: "registry/models:1",
  },
  claim: "nfs",
  data: { origin: "s3://data/books.zip", sha256: "a".repeat(64), fname: "BX-CSV-Dump.zip" },
  needs: {
    download: { cpu: "100m", memory: "256Mi" },
    prepare: { cpu: "500m", memory: "1Gi" },
    training: { cpu: "1", memory: "2Gi" },
  },
  shrink: 100,
  neighbours: 200,
  gate: { floor: 0.05, margin: 0.004 },
  publication: { models: "s3://models", keepVersions: 5 },
};

export const example = () => books(EXAMPLE);
