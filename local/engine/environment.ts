import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Instance } from "../instance";
import type { Tools } from "../toolchain/tools";

/** Variables of the caller that reach the engine: terminal, language and the engine's own switches. Nothing else does. */
const INHERITED = [
  ...["HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TERM", "COLORTERM", "NO_COLOR", "TMPDIR", "TZ"],
  ...["PULUMI_PARALLEL", "PULUMI_CONTINUE_ON_ERROR", "PULUMI_DEBUG_COMMANDS", "PULUMI_DEBUG_GRPC"],
  ...["PULUMI_EXPERIMENTAL", "PULUMI_DIY_BACKEND_RETAIN_CHECKPOINTS"],
];

/** Where an instance keeps what belongs to the engine. */
export function engineFiles(instance: Instance) {
  return {
    pulumiHome: join(instance.stateDir, "pulumi-home"),
    backend: join(instance.stateDir, "pulumi"),
    passphrase: join(instance.stateDir, "passphrase"),
    /** Certificate of the local Scaleway's own authority, made when its edge first starts. */
    certificateAuthority: join(instance.cacheDir, "ca", "ca.pem"),
  };
}

/**
 * The whole environment of the Pulumi CLI, and so of its plugins and of the program: the account and endpoints of an
 * instance. Credentials, endpoints and proxies of the caller (`SCW_*`, `AWS_*`, `HTTPS_PROXY`) never reach it.
 * Makes the backend's folder and the passphrase where they do not exist yet.
 */
export function pulumiEnvironment(instance: Instance, tools: Tools): Record<string, string> {
  const { account, ports } = instance;
  const files = engineFiles(instance);
  mkdirSync(files.backend, { recursive: true, mode: 0o700 });
  ensurePassphrase(files.passphrase);
  return {
    ...inheritedEnvironment(),
    PATH: [dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":"),
    PULUMI_HOME: files.pulumiHome,
    PULUMI_BACKEND_URL: `file://${files.backend}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: files.passphrase,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The state changes with every step; a copy of each state before would only fill the disk.
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "1",
    // Types are checked by "npm test"; checking them again costs seconds at every preview.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    SCW_API_URL: `http://127.0.0.1:${ports.api}`,
    SCW_ACCESS_KEY: account.accessKey,
    SCW_SECRET_KEY: account.secretKey,
    // Two readers, two names: the npm package and the provider behind it.
    SCW_ORGANIZATION_ID: account.organizationId,
    SCW_DEFAULT_ORGANIZATION_ID: account.organizationId,
    SCW_DEFAULT_PROJECT_ID: account.projectId,
    // A profile of the scw CLI would supply what is not set here.
    SCW_CONFIG_PATH: join(files.pulumiHome, "no-scw-config.yaml"),
    TERRAFORM_PROVIDER_SCALEWAY: tools["terraform-provider-scaleway"],
    LOCAL_SCALEWAY_PROXY: `http://127.0.0.1:${ports.proxy}`,
    LOCAL_SCALEWAY_CA: files.certificateAuthority,
  };
}

function inheritedEnvironment(): Record<string, string> {
  const set = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(set);
}

/** Passphrase that encrypts the secrets in the state of an instance: random, readable by its owner only. */
function ensurePassphrase(file: string): void {
  try {
    writeFileSync(file, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
