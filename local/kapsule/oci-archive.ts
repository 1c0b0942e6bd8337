import { createHash } from "node:crypto";
import { tar, type TarEntry } from "./tar";

/** An image of one layer as an OCI layout in a tar archive, as `ctr images import` reads it. */
export function ociArchive(image: {
  name: string;
  files: readonly TarEntry[];
  entrypoint: readonly string[];
  env?: readonly string[];
}): Buffer {
  const layer = blob(tar(image.files));
  const configuration = blob(
    json({
      architecture: "amd64",
      os: "linux",
      config: { Entrypoint: image.entrypoint, Env: image.env ?? [] },
      rootfs: { type: "layers", diff_ids: [layer.digest] },
      history: [],
    }),
  );
  const manifest = blob(
    json({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: descriptor("application/vnd.oci.image.config.v1+json", configuration),
      layers: [descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
    }),
  );
  const index = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [
      {
        ...descriptor("application/vnd.oci.image.manifest.v1+json", manifest),
        annotations: { "io.containerd.image.name": image.name, "org.opencontainers.image.ref.name": image.name },
      },
    ],
  };
  return tar([
    { path: "oci-layout", content: json({ imageLayoutVersion: "1.0.0" }) },
    { path: "index.json", content: json(index) },
    ...[layer, configuration, manifest].map(({ digest, content }) => ({
      path: `blobs/${digest.replace(":", "/")}`,
      content,
    })),
  ]);
}

interface Blob {
  readonly digest: string;
  readonly content: Buffer;
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const blob = (content: Buffer): Blob => ({
  digest: `sha256:${createHash("sha256").update(content).digest("hex")}`,
  content,
});
const descriptor = (mediaType: string, { digest, content }: Blob): object => ({
  mediaType,
  digest,
  size: content.length,
});
