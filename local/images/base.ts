import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Buildah } from "../../images/buildah";
import type { Report } from "../toolchain/progress";
import { APT_SETTINGS, debianMirror, PIP_SETTINGS } from "./host-settings";

const SUITE = "trixie";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const NAME = "localhost/debian-base";

/** Packages that debootstrap's own summary counts; measures how far it is. */
const EXPECTED_STEPS = 330;

/** What apt leaves out of every package, here and in the images built on this one. */
const SLIM = `path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/lintian/*
`;

/**
 * The image that stands for `debian:13-slim` where no image registry can be reached: Debian's own packages, each checked
 * against the archive's key, and the authority of the local Scaleway among those it trusts. Made once per cache and
 * authority; returns its name in the storage. The caller sees to it that no other process works on the storage.
 */
export async function ensureBase(buildah: Buildah, authorityFile: string, report: Report): Promise<string> {
  const authority = readFileSync(authorityFile, "utf8");
  const key = createHash("sha256")
    .update(JSON.stringify([SUITE, SLIM, authority, CONTAINERFILE]))
    .digest("hex")
    .slice(0, 12);
  const reference = `${NAME}:${key}`;
  if (await buildah.labels(reference)) return reference;
  await makeBase(buildah, reference, authority, report);
  return reference;
}

const CONTAINERFILE = `FROM scratch
ADD root.tar /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["/bin/bash"]
`;

async function makeBase(buildah: Buildah, reference: string, authority: string, report: Report): Promise<void> {
  const start = Date.now();
  const work = mkdtempSync(join(buildah.storage, "base-"));
  const root = join(work, "root");
  const log = join(dirname(buildah.storage), "base.log");
  try {
    report(`making the base image (Debian ${SUITE})`);
    await debootstrap(root, log, report);
    slim(root);
    trust(root, authority);
    await command(
      "tar",
      ["--create", "--file", join(work, "root.tar"), "--directory", root, "--numeric-owner", "--xattrs", "."],
      log,
    );
    rmSync(root, { recursive: true });
    writeFileSync(join(work, "Containerfile"), CONTAINERFILE);
    await buildah.run(["build", "--file", join(work, "Containerfile"), "--tag", reference, work]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  report(`made the base image in ${((Date.now() - start) / 1000).toFixed(0)} s`);
}

/** In two stages, because what apt leaves out and how it writes must be settled before the second one unpacks. */
async function debootstrap(root: string, log: string, report: Report): Promise<void> {
  const mirror = await debianMirror();
  const first = ["--foreign", "--variant=minbase", "--include=ca-certificates", `--keyring=${KEYRING}`, SUITE, root];
  let steps = 0;
  let told = 0;
  const progress = (line: string) => {
    if (!/^I: (Retrieving|Validating|Extracting|Unpacking|Configuring) /.test(line)) return;
    const percent = Math.min(99, Math.floor((++steps / EXPECTED_STEPS) * 100));
    if (percent < told + 20) return;
    told = percent;
    report(`base image: ${percent} %`);
  };
  await command("debootstrap", mirror ? [...first, mirror] : first, log, progress);
  const settings = join(root, "etc/dpkg/dpkg.cfg.d");
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, "slim"), SLIM);
  // An interrupted build is thrown away as a whole, so nothing is gained by waiting for the disk after each file.
  writeFileSync(join(settings, "unsafe-io"), "force-unsafe-io\n");
  await command("chroot", [root, "/debootstrap/debootstrap", "--second-stage"], log, progress);
}

/** Leaves out what nobody reads in a container, now and in later installations. */
function slim(root: string): void {
  writeFileSync(
    join(root, "etc/apt/apt.conf.d/90slim"),
    'APT::Install-Recommends "false";\nAcquire::Languages "none";\n',
  );
  for (const path of [
    "usr/share/locale",
    "usr/share/man",
    "usr/share/info",
    "usr/share/lintian",
    "var/cache/apt",
    "var/lib/apt/lists",
  ]) {
    for (const entry of readdirIfThere(join(root, path)))
      rmSync(join(root, path, entry), { recursive: true, force: true });
  }
  for (const name of readdirIfThere(join(root, "usr/share/doc"))) {
    const folder = join(root, "usr/share/doc", name);
    for (const file of readdirIfThere(folder))
      if (file !== "copyright") rmSync(join(folder, file), { recursive: true });
  }
  for (const name of ["bootstrap.log", "dpkg.log", "alternatives.log", "apt"]) {
    rmSync(join(root, "var/log", name), { recursive: true, force: true });
  }
  for (const file of [APT_SETTINGS, PIP_SETTINGS]) writeFileSync(join(root, file), "");
}

/** Adds the authority to the image's trust store, as update-ca-certificates would, and for its next run. */
function trust(root: string, authority: string): void {
  const folder = join(root, "usr/local/share/ca-certificates");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "local-scaleway.crt"), authority);
  const store = join(root, "etc/ssl/certs/ca-certificates.crt");
  writeFileSync(store, `${readFileSync(store, "utf8").trimEnd()}\n${authority.trimEnd()}\n`);
}

function readdirIfThere(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Runs a program, its output in the log. @throws Error with the last lines of the log */
async function command(
  program: string,
  args: string[],
  log: string,
  line: (text: string) => void = () => undefined,
): Promise<void> {
  const file = openSync(log, "a");
  const last: string[] = [];
  try {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    const take = (text: string) => {
      writeFileSync(file, text);
      for (const part of text.split("\n").filter(Boolean)) {
        last.push(part);
        line(part);
      }
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    const code = await new Promise<number | null>((done, fail) => {
      child.once("error", fail);
      child.once("close", done);
    });
    if (code !== 0) {
      throw new Error(
        `The base image could not be made: ${program} ended with ${code}. The log is ${log}; it ends:\n${last.slice(-8).join("\n")}`,
      );
    }
  } finally {
    closeSync(file);
  }
}
