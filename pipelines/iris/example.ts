import { iris, type IrisArgs } from "./pipeline";

/** Stand-ins for what the stack hands over. */
export const EXAMPLE: IrisArgs = {
  cluster: {
    cpu: { nodeSelector: { pool: "cpu" } },
    pullSecret: "pulls",
    objectStorageSecret: "object-storage",
    timeoutMinutes: 30,
  },
  images: { iris: "registry/iris:1", models: "registry/models:1" },
  gate: { floor: 0.93, margin: 0.004 },
  publication: { models: "s3://models", keepVersions: 5 },
};

export const example = () => iris(EXAMPLE);
