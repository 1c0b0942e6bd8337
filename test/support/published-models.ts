import { createHash } from "node:crypto";
import type { FakeBucket } from "./fake-bucket";

const digest = (content: Buffer | string) => createHash("sha256").update(content).digest("hex");

/** Puts a version into a bucket as a pipeline publishes it. */
export function storeVersion(bucket: FakeBucket, recommender: string, version: string, model: Buffer): string {
  const folder = `${recommender}/${version}`;
  const training = JSON.stringify({ steps: [{ task: `made ${version}` }], timings: { columns: [], rows: [] } });
  bucket.put(`${folder}/model.safetensors`, model);
  bucket.put(`${folder}/training.json`, training);
  const files = {
    "model.safetensors": { sha256: digest(model), bytes: model.length },
    "training.json": { sha256: digest(training), bytes: training.length },
  };
  const manifest = JSON.stringify({ recommender, version, files, metrics: { recall10: 0.07 } });
  bucket.put(`${folder}/manifest.json`, manifest);
  return digest(manifest);
}

/** Stores a version and makes it current. */
export function publishVersion(bucket: FakeBucket, recommender: string, version: string, model: Buffer): void {
  const sha256 = storeVersion(bucket, recommender, version, model);
  bucket.put(`${recommender}/current.json`, JSON.stringify({ recommender, version, sha256 }));
}
