import type { EngineLog } from "../support/provider";
import type { PropertyMap } from "../support/values";
import { toProvider } from "./convert";
import { errorsOf, logWarnings, throwErrors } from "./diagnostics";
import { encodeValue, type Value } from "./dynamic-value";
import { startProvider, type ProviderProcess } from "./process";
import { CAPABILITIES, type SchemaMessage } from "./protocol";
import { readSchema, type Schema } from "./schema";
import { providerName } from "./tokens";

/** Version of Terraform that the provider is told it works for: it only shows in its user agent. */
const TERRAFORM_VERSION = "1.10.0";

/** A resource or data source of the running provider. */
export interface ProviderType {
  readonly process: ProviderProcess;
  /** Such as `scaleway_k8s_cluster`. */
  readonly name: string;
  readonly schema: Schema;
}

/** 300 schemas, of which a program uses a dozen: each is read when it is first asked for. */
type SchemaSource = (name: string) => Schema | undefined;

interface Running {
  readonly process: ProviderProcess;
  readonly configuration: Schema;
  readonly resources: SchemaSource;
  readonly dataSources: SchemaSource;
}

/** The provider's process, started when first needed, and its schemas. */
export class Bridge {
  private running: Promise<Running> | undefined;

  constructor(
    private readonly engine: EngineLog,
    private readonly binary: string,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** @throws where the provider has no such resource */
  async resource(token: string): Promise<ProviderType> {
    const { process, resources } = await this.start();
    return { process, ...lookUp("resource", token, resources) };
  }

  /** @throws where the provider has no such function */
  async dataSource(token: string): Promise<ProviderType> {
    const { process, dataSources } = await this.start();
    return { process, ...lookUp("function", token, dataSources) };
  }

  /** Sentences that say why a configuration of the provider cannot be used. */
  async configurationErrors(args: PropertyMap): Promise<string[]> {
    const { process, configuration } = await this.start();
    const config = encodeValue(toProvider(configuration.type, args));
    const { diagnostics } = await process.call("ValidateProviderConfig", { config });
    logWarnings(this.engine, diagnostics);
    return errorsOf(diagnostics);
  }

  /** @throws with the provider's reasons where it refuses the configuration */
  async configure(args: PropertyMap): Promise<void> {
    const { process, configuration } = await this.start();
    const { diagnostics } = await process.call("ConfigureProvider", {
      terraform_version: TERRAFORM_VERSION,
      config: encodeValue(toProvider(configuration.type, args)),
      client_capabilities: CAPABILITIES,
    });
    logWarnings(this.engine, diagnostics);
    throwErrors(diagnostics);
  }

  /** Asks the provider to end what it is doing; operations under way fail soon after. */
  stop(): void {
    void this.running?.then(({ process }) => process.call("StopProvider", {})).catch(() => undefined);
  }

  async close(): Promise<void> {
    const running = await this.running?.catch(() => undefined);
    await running?.process.close();
  }

  private start(): Promise<Running> {
    this.running ??= this.launch();
    return this.running;
  }

  private async launch(): Promise<Running> {
    const process = await startProvider(this.binary, this.environment);
    const answer = await process.call("GetProviderSchema", {});
    throwErrors(answer.diagnostics);
    return {
      process,
      configuration: readSchema(answer.provider),
      resources: schemaSource(answer.resource_schemas),
      dataSources: schemaSource(answer.data_source_schemas),
    };
  }
}

function lookUp(what: string, token: string, schemas: SchemaSource) {
  const name = providerName(token);
  const schema = name === undefined ? undefined : schemas(name);
  if (name !== undefined && schema) return { name, schema };
  throw new Error(`The Scaleway provider has no ${what} "${token}"${name ? ` (looked for ${name})` : ""}.`);
}

function schemaSource(messages: Readonly<Record<string, SchemaMessage>>): SchemaSource {
  const read = new Map<string, Schema>();
  return (name) => {
    const message = messages[name];
    if (message && !read.has(name)) read.set(name, readSchema(message));
    return read.get(name);
  };
}

/** Time limit of one operation as the configuration's `timeouts` block; null where the resource has no such limit. */
export function timeoutsBlock({ timeouts }: Schema, operation: string, seconds: number): Value {
  if (seconds <= 0 || !timeouts.includes(operation)) return null;
  return Object.fromEntries(timeouts.map((name) => [name, name === operation ? `${seconds}s` : null]));
}
