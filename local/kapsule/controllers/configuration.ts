import { readFileSync, statSync } from "node:fs";
import type { AutoscalerSettings } from "../runtime";

/**
 * What the controllers of one cluster are told; written as JSON (mode 0600: it holds a token) by whoever declares
 * the process. The file is read again when it changes, so that new autoscaler settings need no restart.
 */
export interface ControllersConfiguration {
  /** UUID of the cluster. */
  readonly clusterId: string;
  /** Project that pays for block volumes and load balancers. */
  readonly projectId: string;
  /** Such as "fr-par". */
  readonly region: string;
  /** Zone of volumes and load balancers, such as "fr-par-1". */
  readonly zone: string;
  /** Path of a kubeconfig with administrator rights. */
  readonly kubeconfig: string;
  /** Base URL of the Scaleway API, without a trailing slash. */
  readonly apiUrl: string;
  /** X-Auth-Token of the managed parts. */
  readonly serviceToken: string;
  readonly autoscaler: AutoscalerSettings;
  /**
   * First two octets of the addresses that LoadBalancer Services get, such as "127.42."; each cluster of a machine
   * has its own.
   */
  readonly loopbackPrefix: string;
  /** Folder in which each volume is a directory; every node of the cluster sees it under the same path. */
  readonly volumeDirectory: string;
}

const TEXTS = [
  "clusterId",
  "projectId",
  "region",
  "zone",
  "kubeconfig",
  "apiUrl",
  "serviceToken",
  "loopbackPrefix",
  "volumeDirectory",
] as const;

/** Reads and checks a configuration file; throws one sentence that names the file and every wrong field. */
export function readConfiguration(file: string): ControllersConfiguration {
  const value = JSON.parse(readFileSync(file, "utf8")) as Partial<Record<string, unknown>>;
  const wrong: string[] = TEXTS.filter((key) => typeof value[key] !== "string" || value[key] === "");
  if (typeof value["autoscaler"] !== "object" || value["autoscaler"] === null) wrong.push("autoscaler");
  if (typeof value["loopbackPrefix"] === "string" && !/^127\.\d{1,3}\.$/.test(value["loopbackPrefix"]))
    wrong.push(`loopbackPrefix (is "${value["loopbackPrefix"]}", wants the form "127.42.")`);
  if (wrong.length > 0)
    throw new Error(
      `${file}: missing or malformed: ${wrong.join(", ")}. Let the cluster's owner write the file again.`,
    );
  return value as unknown as ControllersConfiguration;
}

/** The newest valid content of a configuration file; a file that is half written or broken keeps the last good one. */
export class LiveConfiguration {
  private value: ControllersConfiguration;
  private changedAt: number;

  constructor(
    private readonly file: string,
    private readonly report: (message: string) => void,
  ) {
    this.changedAt = statSync(file).mtimeMs;
    this.value = readConfiguration(file);
  }

  get current(): ControllersConfiguration {
    try {
      const changedAt = statSync(this.file).mtimeMs;
      if (changedAt !== this.changedAt) {
        this.changedAt = changedAt;
        this.value = readConfiguration(this.file);
        this.report(`configuration read again from ${this.file}`);
      }
    } catch (error) {
      this.report(`configuration kept as it was: ${(error as Error).message}`);
    }
    return this.value;
  }
}

/** Seconds of a Go duration such as "10m", "1h30m" or "2.5s". Throws for anything else. */
export function durationSeconds(text: string): number {
  const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
  if (text !== "0" && (parts.length === 0 || parts.map((part) => part[0]).join("") !== text))
    throw new Error(`Duration "${text}" is not of the form "10m" or "1h30m".`);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0);
}
