import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { RatingsFile } from "../data/default-ratings";

/** What only this machine knows, added to the stack file of the repository. */
export interface MachineValues {
  /** Directory that stands for the NFS export. */
  readonly sharedVolumePath: string;
  /** Undefined where the stack file names its data. */
  readonly ratings?: RatingsFile;
}

interface StackFile {
  encryptionsalt?: string;
  config: Record<string, unknown>;
}

type Section = Record<string, unknown>;

const PLATFORM = "recommender:platform";
const RECOMMENDERS = "recommender:recommenders";

/** The engine reads unquoted times as times, and hands them on in another spelling. */
const QUOTED = { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" } as const;

/** Path of the configuration that the local stack is deployed with. */
export function configurationFile(stateDir: string): string {
  return join(stateDir, "Pulumi.local.yaml");
}

/** Does the stack file of the repository name the data of the books recommender? */
export function namesBooksData(stackFile: string): boolean {
  const books = (read(stackFile).config[RECOMMENDERS] as { books?: Section } | undefined)?.books;
  return books?.["data"] !== undefined;
}

/**
 * Writes the stack file of the repository with this machine's values to the state directory. The salt of encrypted
 * values stays, since the passphrase it belongs to does.
 */
export function writeConfiguration(stackFile: string, stateDir: string, machine: MachineValues, salt?: string): void {
  const target = configurationFile(stateDir);
  const merged = withMachineValues(read(stackFile), machine);
  const kept = existsSync(target) ? read(target).encryptionsalt : undefined;
  const encryptionsalt = salt ?? kept;
  const header = `# Written by npm start from stacks/Pulumi.local.yaml and this machine's values: change that file, not this one.\n`;
  writeFileSync(`${target}.new`, header + stringify(encryptionsalt ? { encryptionsalt, ...merged } : merged, QUOTED), {
    mode: 0o600,
  });
  renameSync(`${target}.new`, target);
}

/** Pure part of `writeConfiguration`. */
export function withMachineValues(stack: StackFile, machine: MachineValues): StackFile {
  const platform = (stack.config[PLATFORM] ?? {}) as { sharedVolume?: Section };
  const recommenders = (stack.config[RECOMMENDERS] ?? {}) as { books?: Section };
  return {
    config: {
      ...stack.config,
      [PLATFORM]: { ...platform, sharedVolume: { ...platform.sharedVolume, path: machine.sharedVolumePath } },
      [RECOMMENDERS]: machine.ratings
        ? { ...recommenders, books: { ...recommenders.books, data: { ...machine.ratings } } }
        : recommenders,
    },
  };
}

function read(file: string): StackFile {
  const parsed = parse(readFileSync(file, "utf8")) as Partial<StackFile> | null;
  return { ...parsed, config: parsed?.config ?? {} };
}
