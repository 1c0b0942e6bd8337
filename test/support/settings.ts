import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { checkSettings, NAMESPACE, type Settings } from "../../infra/settings";

export type Environment = "local" | "dev" | "production";
export type RawSettings = Record<string, Record<string, unknown>>;

/** What `npm start` adds to the stack file of the local stack. */
const ratings = { name: "MovieLens 100k", file: "/cache/movielens100k.tab", sha256: "0".repeat(64) };

/** The settings of a committed stack file, by section; for `local` with this machine's values. */
export function rawSettings(environment: Environment): RawSettings {
  const file = join(__dirname, "..", "..", "stacks", `Pulumi.${environment}.yaml`);
  const { config } = parse(readFileSync(file, "utf8")) as { config: RawSettings };
  const raw = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(`${NAMESPACE}:`, ""), value]),
  );
  if (environment === "local")
    raw["recommenders"] = { books: { ...(raw["recommenders"]?.["books"] as object), data: ratings } };
  return raw;
}

/** The checked settings of a committed stack file. */
export function settingsOf(environment: Environment): Settings {
  return checkSettings(rawSettings(environment), environment);
}
