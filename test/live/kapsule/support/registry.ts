import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { busyboxArchive } from "./busybox";

/** A registry that has the busybox image under every name, for whoever knows the password. */
export class Registry {
  readonly pulls: string[] = [];
  private readonly blobs = new Map<string, Buffer>();
  private manifest: Buffer = Buffer.alloc(0);
  private readonly server: Server;

  constructor(private readonly password: string) {
    for (const content of filesOf(busyboxArchive("registry"))) {
      this.blobs.set(digestOf(content), content);
      if (content.subarray(0, 200).includes("image.manifest.v1+json") && !content.includes('"manifests"'))
        this.manifest = content;
    }
    this.server = createServer((request, response) => {
      const wanted = `Basic ${Buffer.from(`nologin:${this.password}`).toString("base64")}`;
      const [, , kind, reference] = /^\/v2\/(.+)\/(manifests|blobs)\/([^?]+)/.exec(request.url ?? "") ?? [];
      if (request.headers.authorization !== wanted) {
        response.writeHead(401, { "www-authenticate": 'Basic realm="registry"' }).end();
      } else if (kind === "manifests") {
        this.pulls.push(request.url ?? "");
        const type = "application/vnd.oci.image.manifest.v1+json";
        const headers = {
          "content-type": type,
          "content-length": this.manifest.length,
          "docker-content-digest": digestOf(this.manifest),
        };
        response.writeHead(200, headers).end(request.method === "HEAD" ? undefined : this.manifest);
      } else {
        const blob = this.blobs.get(reference ?? "");
        response.writeHead(blob ? 200 : 404, { "content-length": blob?.length ?? 0 }).end(blob);
      }
    });
  }

  async listen(port: number): Promise<void> {
    this.server.listen(port, "127.0.0.1");
    await once(this.server, "listening");
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

const digestOf = (content: Buffer): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** Contents of the files of a tar archive. */
function filesOf(archive: Buffer): Buffer[] {
  const files: Buffer[] = [];
  for (let at = 0; archive[at] !== 0 && at < archive.length;) {
    const size = parseInt(archive.toString("latin1", at + 124, at + 135), 8);
    files.push(archive.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
