import { createHash, randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createServer } from "node:net";
import { writeWhole } from "./whole-file";

/**
 * One Scaleway on one machine: where it keeps its files and on which loopback ports it answers.
 * Two instances (a user's and a test's) run side by side because nothing here is shared but the cache.
 */
export interface Instance extends InstancePlaces {
  /** Built tools, base images and downloads; shared by all instances of this user. */
  readonly cacheDir: string;
  /** Loopback TCP ports, chosen free when the instance was created. */
  readonly ports: Ports;
  readonly account: Account;
}

/** What of an instance follows from its state directory alone. */
export interface InstancePlaces {
  /** Eight hexadecimal digits derived from the state directory; names interfaces, cgroups and socket folders. */
  readonly id: string;
  /** Everything that survives a restart of the machine: API state, objects, images, Pulumi state, logs. */
  readonly stateDir: string;
  /** Short path for unix sockets, whose names the kernel limits to 108 bytes. */
  readonly runDir: string;
}

/** TCP ports on 127.0.0.1. */
export interface Ports {
  /** Scaleway API over http (`SCW_API_URL`). */
  readonly api: number;
  /** HTTP CONNECT proxy that leads `*.s3.<region>.scw.cloud:443` to the object storage. */
  readonly proxy: number;
  /** Registry front (http) that checks credentials; images are pushed and pulled here. */
  readonly registry: number;
  /** Storage of the registry behind its front. */
  readonly registryBackend: number;
  /** Object storage server behind its front. */
  readonly objectStorageBackend: number;
}

/** The one account of the emulated Scaleway: its organization, default project and owner API key. */
export interface Account {
  readonly organizationId: string;
  readonly projectId: string;
  /** `SCW` and 17 of A-Z0-9. */
  readonly accessKey: string;
  readonly secretKey: string;
  /** Token by which the managed parts of a cluster (autoscaler, CCM, CSI) call the API. */
  readonly serviceToken: string;
}

/** Ids that stack files may name: they are not secret, and the same in each instance. */
export const LOCAL_ORGANIZATION_ID = "0a1b2c3d-0000-4000-8000-000000000001";
export const LOCAL_PROJECT_ID = "0a1b2c3d-0000-4000-8000-000000000002";

/** State directory: `RECOMMENDER_STATE`, else `.local` beside package.json. */
export function stateDirectory(): string {
  return resolve(process.env["RECOMMENDER_STATE"] ?? join(__dirname, "..", ".local"));
}

/** Cache directory: `RECOMMENDER_CACHE`, else `recommender-platform` in the user's cache folder. */
export function cacheDirectory(): string {
  return resolve(
    process.env["RECOMMENDER_CACHE"] ??
      join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "recommender-platform"),
  );
}

/** Reads the instance of a state directory, or undefined where none was created yet. */
export function readInstance(stateDir = stateDirectory()): Instance | undefined {
  const file = join(stateDir, "instance.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Instance) : undefined;
}

/**
 * The instance that an earlier start created.
 * @throws Error where there is none
 */
export function existingInstance(): Instance {
  const instance = readInstance();
  if (!instance) throw new Error(`There is no local Scaleway in ${stateDirectory()} yet. Run npm start.`);
  return instance;
}

/** Reads the instance of a state directory and creates it where there is none. */
export async function ensureInstance(stateDir = stateDirectory()): Promise<Instance> {
  const existing = readInstance(stateDir);
  if (existing) {
    mkdirSync(existing.runDir, { recursive: true, mode: 0o700 });
    return existing;
  }
  const [api, proxy, registry, registryBackend, objectStorageBackend] = await freePorts(5);
  const instance: Instance = {
    ...placesOf(stateDir),
    cacheDir: cacheDirectory(),
    ports: { api, proxy, registry, registryBackend, objectStorageBackend } as Ports,
    account: {
      organizationId: LOCAL_ORGANIZATION_ID,
      projectId: LOCAL_PROJECT_ID,
      accessKey: `SCW${accessKeySuffix()}`,
      secretKey: randomUUID(),
      serviceToken: randomUUID(),
    },
  };
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  mkdirSync(instance.runDir, { recursive: true, mode: 0o700 });
  writeWhole(join(stateDir, "instance.json"), JSON.stringify(instance, null, 2));
  return instance;
}

/** Where an instance of this state directory keeps its files, whether it was created or not. */
export function placesOf(stateDir: string): InstancePlaces {
  const id = createHash("sha256").update(stateDir).digest("hex").slice(0, 8);
  return { id, stateDir, runDir: join(process.getuid?.() === 0 ? "/run" : tmpdir(), `recommender-${id}`) };
}

function accessKeySuffix(): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  return Array.from(randomBytes(17), (byte) => alphabet[byte % alphabet.length]).join("");
}

/** Distinct TCP ports that are free on 127.0.0.1 now; all are held open until the last one is known. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((done, fail) => {
        server.once("error", fail);
        server.listen(0, "127.0.0.1", () => done(server));
      });
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
