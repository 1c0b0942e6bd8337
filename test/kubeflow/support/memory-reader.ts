import { Readable } from "node:stream";
import type { ArtifactReader } from "../../../local/kubeflow/model";
import type { MemoryObjects } from "./memory-objects";

/** Reads what the engine wrote into a map. */
export function memoryReader({ objects }: MemoryObjects): ArtifactReader {
  return {
    list: (uri) => {
      const found = [...objects].filter(([each]) => each === uri || each.startsWith(`${uri}/`));
      return Promise.resolve(
        found.map(([each, content]) => ({ path: each.slice(uri.length + 1), bytes: content.length })),
      );
    },
    read: (uri, path, bytes) => {
      const content = objects.get(path === "" ? uri : `${uri}/${path}`);
      if (!content) throw new Error(`There is nothing at ${uri}.`);
      return Promise.resolve(Readable.from([content.subarray(0, bytes)]));
    },
  };
}
