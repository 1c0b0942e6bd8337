import { execFile } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { findGo } from "../../../../local/toolchain/programs";

/** One request to the real API, and its answer. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  /** JSON object, or undefined where there was no body. */
  readonly body: unknown;
  readonly status: number;
  /** JSON, or undefined where the answer was empty or something else. */
  readonly answer: unknown;
}

const MODULE = "github.com/scaleway/terraform-provider-scaleway/v2@v2.80.0/internal/services";

/**
 * Folder of the recordings that the provider's own tests are run against, by service; undefined where the cache of Go
 * modules lacks the provider's source.
 */
export async function recordingsFolder(): Promise<string | undefined> {
  const go = findGo();
  if (go === undefined) return undefined;
  const { stdout } = await promisify(execFile)(go, ["env", "GOMODCACHE"]);
  const folder = join(stdout.trim(), MODULE);
  return existsSync(folder) ? folder : undefined;
}

/** Recordings of a service, by name. */
export function cassettes(folder: string, service: string): string[] {
  const testdata = join(folder, service, "testdata");
  return readdirSync(testdata)
    .filter((name) => name.endsWith(".cassette.yaml"))
    .sort()
    .map((name) => join(testdata, name));
}

/** Exchanges of a recording with the API, in order; those with object storage are left out. */
export function readCassette(file: string): Exchange[] {
  return readFileSync(file, "utf8")
    .split(/^ {4}- id: \d+\n/m)
    .slice(1)
    .map(readInteraction)
    .filter(({ url }) => url.hostname === "api.scaleway.com");
}

/** The files are one tool's, with one form; a whole YAML reader would take minutes for them. */
function readInteraction(text: string): Exchange {
  const [request = "", response = ""] = text.split(/^ {6}response:\n/m);
  return {
    method: valueOf(request, "method"),
    url: new URL(valueOf(request, "url")),
    body: jsonOf(valueOf(request, "body")),
    status: Number(valueOf(response, "code")),
    answer: jsonOf(valueOf(response, "body")),
  };
}

function valueOf(text: string, key: string): string {
  const [, line = "", more = ""] = new RegExp(`^ {8}${key}: (.*)\\n((?: {9}.*\\n|\\n)*)`, "m").exec(`${text}\n`) ?? [];
  if (more === "" && /^'([^']|'')*'$/.test(line)) return line.slice(1, -1).replaceAll("''", "'");
  if (more === "" && /^[^"'|>!]/.test(line)) return line;
  const { [key]: value } = parse(`${key}: ${line}\n${more}`) as Record<string, unknown>;
  return typeof value === "string" ? value : "";
}

function jsonOf(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
