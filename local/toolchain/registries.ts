import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { debianMirror, PIP_SETTINGS, pipSettings } from "../images/host-settings";
import { type GoBuild, MODULES } from "./go-builds";
import { findGo } from "./programs";

const run = promisify(execFile);

/** How long a registry may take to accept a connection. */
const CONNECT_MILLISECONDS = 10_000;

/** What a start is going to fetch. */
export interface Fetched {
  /** A build that is still to be made. */
  readonly go?: GoBuild;
  /** Whether Debian packages are to be installed, here or in images. */
  readonly debian: boolean;
  /** Whether Python packages are to be installed in images, or ratings to be taken from one. */
  readonly python: boolean;
}

/** Registries that will be needed and do not answer, each with the reason: `Debian packages (deb.debian.org: ENOTFOUND)`. */
export async function unreachableRegistries({ go, debian, python }: Fetched): Promise<string[]> {
  const reasons = await Promise.all([
    go && named("Go modules", moduleError(go)),
    debian && named("Debian packages", debianAddress().then(connectionError)),
    python && named("Python packages", connectionError(pythonAddress())),
  ]);
  return reasons.filter((reason) => typeof reason === "string");
}

async function named(what: string, reason: Promise<string | undefined>): Promise<string | undefined> {
  const text = await reason;
  return text && `${what} (${text})`;
}

/** Asks for one module as a build would, checksum database included; a module that is there already is no question. */
async function moduleError({ module }: GoBuild): Promise<string | undefined> {
  const go = findGo();
  if (!go) return undefined; // its absence is a finding of its own
  const folder = join(MODULES, module);
  const [, name = "", version = ""] =
    /^(?:require |\t)(\S+\.\S+\/\S+) (v\S+)/m.exec(readFileSync(join(folder, "go.mod"), "utf8")) ?? [];
  const env = { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly", GOWORK: "off" };
  try {
    await run(go, ["mod", "download", `${name}@${version}`], { cwd: folder, env, timeout: 120_000 });
    return undefined;
  } catch (error) {
    const { stderr = "", message } = error as Error & { stderr?: string };
    return stderr.trim().split("\n").at(-1) ?? message;
  }
}

/** Where apt connects to: its proxy, else the mirror. */
async function debianAddress(): Promise<URL> {
  const settings = await run("apt-config", ["dump"]).then(
    ({ stdout }) => stdout,
    () => "",
  );
  const proxy = /^Acquire::https?::Proxy "(https?:[^"]+)";$/m.exec(settings)?.[1];
  return new URL(proxy ?? environmentProxy() ?? (await debianMirror()) ?? "http://deb.debian.org/debian");
}

/** Where pip connects to: its proxy, else the package index. */
function pythonAddress(): URL {
  const settings = pipSettings(process.env, existsSync(PIP_SETTINGS) ? readFileSync(PIP_SETTINGS, "utf8") : "");
  const setting = (name: string) => new RegExp(`^${name} = (\\S+)$`, "m").exec(settings)?.[1];
  return new URL(setting("proxy") ?? environmentProxy() ?? setting("index-url") ?? "https://pypi.org/simple");
}

function environmentProxy(): string | undefined {
  const names = ["https_proxy", "HTTPS_PROXY", "http_proxy"];
  return names.map((name) => process.env[name]).find((value) => value !== undefined && /^https?:\/\//.test(value));
}

/**
 * Why no connection can be made; undefined where one can. What is behind it is not asked: whose certificates count is
 * for the program to say that fetches.
 */
function connectionError({ protocol, hostname, port }: URL): Promise<string | undefined> {
  return new Promise((done) => {
    const socket = connect({ host: hostname, port: Number(port) || (protocol === "https:" ? 443 : 80) });
    const end = (reason?: string) => {
      socket.destroy();
      done(reason && `${hostname}: ${reason}`);
    };
    socket.setTimeout(CONNECT_MILLISECONDS, () => end(`no answer in ${CONNECT_MILLISECONDS / 1000} s`));
    socket.once("connect", () => end());
    socket.once("error", ({ message }: NodeJS.ErrnoException) => end(message));
  });
}
