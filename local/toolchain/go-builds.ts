import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  CONTAINERD,
  COREDNS,
  DISTRIBUTION,
  ETCD,
  KUBE_SCORE,
  KUBERNETES,
  PULUMI,
  SCALEWAY_PROVIDER,
  VERSITYGW,
} from "./versions";

/** Tools that one `go build` makes together. */
export interface GoBuild {
  /** Names the folder in the cache and the log. */
  readonly name: string;
  readonly version: string;
  /** Folder below `go/` that holds go.mod and go.sum. */
  readonly module: string;
  /** Package of each tool; the last element of its path is the name of the program. */
  readonly packages: readonly string[];
  /** Variables of the linker, such as version numbers. */
  readonly variables?: Readonly<Record<string, string>>;
  /**
   * Whether the compiler copies small functions into their callers. Without, compiling takes a quarter less time;
   * programs that mostly wait for others, and run on one machine only, are none the worse for it.
   */
  readonly inlines: boolean;
  /** Seconds on two cores with nothing compiled before but the builds above it in its module. */
  readonly seconds: number;
  /** Packages it compiles then; measures how far it is. */
  readonly compiles: number;
  /** Asks a program found on PATH for its version; absent where the program cannot say it. */
  readonly versionArguments?: readonly string[];
}

const kubernetesVersion = {
  "k8s.io/component-base/version.gitVersion": `v${KUBERNETES}`,
  "k8s.io/component-base/version.gitMajor": KUBERNETES.split(".")[0] ?? "",
  "k8s.io/component-base/version.gitMinor": KUBERNETES.split(".")[1] ?? "",
  "k8s.io/client-go/pkg/version.gitVersion": `v${KUBERNETES}`,
};

const cluster = { module: "cluster", inlines: true } as const;

/**
 * Two lanes run side by side, each in this order: what is needed first is built first, and builds of one module never
 * run together, because they would compile what they share twice.
 */
export const LANES: readonly (readonly GoBuild[])[] = [
  [
    {
      name: "pulumi",
      version: PULUMI,
      module: "pulumi",
      packages: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
      variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": PULUMI },
      inlines: false,
      seconds: 150,
      compiles: 1349,
      versionArguments: ["version"],
    },
    {
      name: "scaleway-provider",
      version: SCALEWAY_PROVIDER,
      module: "scaleway-provider",
      packages: ["github.com/scaleway/terraform-provider-scaleway/v2"],
      inlines: false,
      seconds: 80,
      compiles: 581,
    },
    {
      name: "object-storage",
      version: VERSITYGW,
      module: "object-storage",
      packages: ["github.com/versity/versitygw/cmd/versitygw"],
      variables: { "main.Version": `v${VERSITYGW}` },
      inlines: false,
      seconds: 60,
      compiles: 334,
      versionArguments: ["--version"],
    },
  ],
  [
    {
      ...cluster,
      name: "registry",
      version: DISTRIBUTION,
      packages: ["./registry"],
      seconds: 50,
      compiles: 557,
      versionArguments: ["--version"],
    },
    {
      ...cluster,
      name: "etcd",
      version: ETCD,
      packages: ["./etcd"],
      seconds: 30,
      compiles: 178,
      versionArguments: ["--version"],
    },
    {
      ...cluster,
      name: "kubernetes-control-plane",
      version: KUBERNETES,
      packages: ["kube-apiserver", "kube-controller-manager", "kube-scheduler"].map(kubernetesCommand),
      variables: kubernetesVersion,
      seconds: 260,
      compiles: 1946,
      versionArguments: ["--version"],
    },
    {
      ...cluster,
      name: "kubernetes-node",
      version: KUBERNETES,
      packages: ["kubelet", "kube-proxy"].map(kubernetesCommand),
      variables: kubernetesVersion,
      seconds: 45,
      compiles: 129,
      versionArguments: ["--version"],
    },
    {
      ...cluster,
      name: "kubectl",
      version: KUBERNETES,
      packages: ["kubectl"].map(kubernetesCommand),
      variables: kubernetesVersion,
      seconds: 25,
      compiles: 192,
      versionArguments: ["version", "--client"],
    },
    {
      ...cluster,
      name: "containerd",
      version: CONTAINERD,
      packages: ["containerd", "containerd-shim-runc-v2", "ctr"].map(
        (program) => `github.com/containerd/containerd/v2/cmd/${program}`,
      ),
      seconds: 40,
      compiles: 452,
    },
    {
      ...cluster,
      name: "coredns",
      version: COREDNS,
      packages: ["./coredns"],
      seconds: 15,
      compiles: 89,
      versionArguments: ["-version"],
    },
  ],
];

/** Judges objects of a cluster without one. Tests bring it; a start neither builds nor needs it. */
export const JUDGE: GoBuild = {
  name: "kube-score",
  version: KUBE_SCORE,
  module: "kube-score",
  packages: ["github.com/zegl/kube-score/cmd/kube-score"],
  variables: { "main.version": KUBE_SCORE },
  inlines: false,
  seconds: 15,
  compiles: 331,
  versionArguments: ["version"],
};

function kubernetesCommand(program: string): string {
  return `k8s.io/kubernetes/cmd/${program}`;
}

/** Programs that a build makes. A package path that ends in a major version is named by the element before it. */
export function programsOf(build: GoBuild): string[] {
  return build.packages.map((path) => {
    const [last = "", before = ""] = path.split("/").reverse();
    return /^v\d+$/.test(last) ? before : last;
  });
}

/** Folder that holds the wrapper modules. */
export const MODULES = join(__dirname, "go");

/**
 * Arguments of `go` for a build. `-dwarf=false` leaves out debugging tables that `-s -w` would drop anyway, which saves
 * a tenth of the time and a fifth of Go's build cache.
 */
export function goArguments(build: GoBuild, output: string): string[] {
  return ["build", "-v", ...flags(build), "-o", `${output}/`, ...build.packages];
}

function flags({ variables = {}, inlines }: GoBuild): string[] {
  const defined = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  const linker = ["-s", "-w", ...defined].join(" ");
  const compiler = ["-dwarf=false", ...(inlines ? [] : ["-l"])].join(" ");
  return ["-trimpath", "-buildvcs=false", "-mod=readonly", `-gcflags=all=${compiler}`, `-ldflags=${linker}`];
}

/** Twelve hexadecimal digits over all that decides what comes out: module files, sources of ours, flags, packages. */
export function buildKey(build: GoBuild, modules = MODULES): string {
  const hash = createHash("sha256").update(JSON.stringify([build.packages, flags(build)]));
  const folder = join(modules, build.module);
  const sources = build.packages.filter((path) => path.startsWith("./"));
  const files = sources.flatMap((path) =>
    readdirSync(join(folder, path))
      .filter((file) => statSync(join(folder, path, file)).isFile())
      .map((file) => join(path, file)),
  );
  for (const file of ["go.mod", "go.sum", ...files.sort()]) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest("hex").slice(0, 12);
}

/** Folder of the cache that holds the finished programs of a build. */
export function buildDirectory(build: GoBuild, cacheDir: string, modules = MODULES): string {
  return join(cacheDir, "tools", `${build.name}-${build.version}-${buildKey(build, modules)}`);
}
