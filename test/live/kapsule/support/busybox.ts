import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../../../../local/instance";
import { run } from "../../../../local/kapsule/command";
import { ociArchive } from "../../../../local/kapsule/oci-archive";

export const BUSYBOX = "kapsule.internal/busybox:1";

/** The busybox of Debian's package, unpacked without being installed. The static one cannot resolve names. */
function busyboxProgram(): string {
  const unpacked = join(cacheDirectory(), "busybox");
  const program = join(unpacked, "bin", "busybox");
  if (!existsSync(program)) {
    mkdirSync(unpacked, { recursive: true });
    execFileSync("apt-get", ["download", "-q", "busybox"], { cwd: unpacked, stdio: "ignore" });
    const archive = readdirSync(unpacked).find((name) => name.endsWith(".deb"));
    if (archive === undefined) throw new Error("apt-get brought no busybox package.");
    execFileSync("dpkg", ["-x", join(unpacked, archive), unpacked]);
  }
  return program;
}

/** The shared libraries of a program, the dynamic linker among them, as this machine has them. */
function librariesOf(program: string): string[] {
  const listed = execFileSync("ldd", [program], { encoding: "utf8" });
  return [...listed.matchAll(/(\/\S+)\s+\(0x/g)].map(([, path]) => path ?? "");
}

const APPLETS = ["sh", "sleep", "wget", "nslookup", "httpd", "timeout", "nc", "cat", "echo"];

/** An image of which every command is busybox. `origin` makes it another image: kubelets ask who may use one by its content. */
export function busyboxArchive(origin = "import"): Buffer {
  const program = busyboxProgram();
  const shell = Buffer.from('#!/bin/busybox sh\nexec /bin/busybox "${0##*/}" "$@"\n');
  return ociArchive({
    name: BUSYBOX,
    files: [
      { path: "bin/busybox", content: readFileSync(program), mode: 0o755 },
      ...librariesOf(program).map((path) => ({ path: path.slice(1), content: readFileSync(path), mode: 0o755 })),
      ...APPLETS.map((name) => ({ path: `bin/${name}`, content: shell, mode: 0o755 })),
      { path: "www/index.html", content: Buffer.from("served by a pod\n") },
    ],
    entrypoint: ["/bin/busybox"],
    env: ["PATH=/bin", `ORIGIN=${origin}`],
  });
}

export async function importImage(ctr: string, socket: string, scratch: string): Promise<void> {
  const archive = join(scratch, "busybox.tar");
  writeFileSync(archive, busyboxArchive());
  await run(ctr, ["--address", socket, "--namespace", "k8s.io", "images", "import", "--local", archive]);
}
