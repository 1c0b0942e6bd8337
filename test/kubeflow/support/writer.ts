import { writeSync } from "node:fs";
import { openStore } from "../../../local/kubeflow/store/lmdb-store";

/** Makes experiments 1, 2, … without end in the store of a directory, and says of each when it is kept. */
async function write(directory: string): Promise<never> {
  const store = openStore(directory);
  for (let number = 1; ; number++) {
    const id = String(number);
    await store.change(() => store.experiments.put({ id, displayName: id, createdAt: 0, storageState: "AVAILABLE" }));
    writeSync(1, `${id}\n`);
  }
}

void write(process.argv[2] ?? "");
