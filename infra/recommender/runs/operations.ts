import { PipelinesClient, PipelinesError } from "./client";
import { archiveExperiment, createExperiment, experimentExists } from "./experiment";
import type { Backend } from "./backend";
import type { ExperimentInputs, RecurringRunInputs, RetentionInputs, RunInputs, RunOutputs } from "./inputs";
import { createRecurringRun, deleteRecurringRun, readRecurringRun, setEnabled } from "./recurring-run";
import { prune } from "./retention";
import { createRun, deleteRun, readRun } from "./run";

/** Properties of a resource, as Pulumi keeps them. */
export type Properties = Readonly<Record<string, unknown>>;

/** What the plugin of dynamic resources asks for, by kind of resource. Every operation throws Error with one sentence. */
export interface Operations {
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  /** Empty where the thing is gone. */
  read(id: string, outputs: Properties): Promise<{ id?: string; props?: Properties }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  delete(id: string, outputs: Properties): Promise<void>;
}

/** Lines reach the output of the deploy by the plugin's standard output. */
const say = (line: string) => console.log(line);

const experiment: Operations = {
  create: (inputs) =>
    connected(inputs, async (client) => {
      const id = await createExperiment(client, as<ExperimentInputs>(inputs));
      return { id, outs: inputs };
    }),
  read: (id, outputs) =>
    checked(id, outputs, async (client) => ((await experimentExists(client, id)) ? { id, props: outputs } : {})),
  update: (_id, _olds, news) => Promise.resolve({ outs: news }),
  delete: (id, outputs) => tidied(outputs, (client) => archiveExperiment(client, id)),
};

const run: Operations = {
  create: (inputs) =>
    connected(inputs, async (client) => {
      const made = await createRun(client, as<RunInputs>(inputs), say);
      return { id: made.runId, outs: plain(made) };
    }),
  read: (id, outputs) =>
    checked(id, outputs, async (client) => {
      const now = await readRun(client, as<RunOutputs>(outputs));
      return now ? { id, props: plain(now) } : {};
    }),
  // What may change without a new run concerns the end of this one only.
  update: (_id, olds, news) => Promise.resolve({ outs: { ...olds, ...news } }),
  delete: (_id, outputs) => tidied(outputs, (client) => deleteRun(client, as<RunOutputs>(outputs))),
};

const recurringRun: Operations = {
  create: (inputs) =>
    connected(inputs, async (client) => {
      const id = await createRecurringRun(client, as<RecurringRunInputs>(inputs));
      return { id, outs: inputs };
    }),
  read: (id, outputs) =>
    checked(id, outputs, async (client) => {
      const now = await readRecurringRun(client, id);
      return now ? { id, props: { ...outputs, enabled: now.status !== "DISABLED" } } : {};
    }),
  update: (id, _olds, news) =>
    connected(news, async (client) => {
      await setEnabled(client, id, as<RecurringRunInputs>(news).enabled);
      return { outs: news };
    }),
  delete: (id, outputs) => tidied(outputs, (client) => deleteRecurringRun(client, id)),
};

const retention: Operations = {
  create: (inputs) =>
    connected(inputs, async (client) => {
      await prune(client, as<RetentionInputs>(inputs), say);
      return { id: as<RetentionInputs>(inputs).pipelineId, outs: inputs };
    }),
  read: (id, outputs) => Promise.resolve({ id, props: outputs }),
  update: (_id, _olds, news) =>
    connected(news, async (client) => {
      await prune(client, as<RetentionInputs>(news), say);
      return { outs: news };
    }),
  delete: () => Promise.resolve(),
};

/** By the name of the resource's kind. */
export const operations: Readonly<Record<string, Operations>> = { experiment, run, recurringRun, retention };

async function connected<T>(inputs: Properties, work: (client: PipelinesClient) => Promise<T>): Promise<T> {
  const client = new PipelinesClient(as<Backend>(inputs));
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** Where the kubeconfig of the state is refused, what the state says stands: the next deploy brings a new one. */
async function checked<T>(
  id: string,
  outputs: Properties,
  work: (client: PipelinesClient) => Promise<T>,
): Promise<T | { id: string; props: Properties }> {
  try {
    return await connected(outputs, work);
  } catch (error) {
    if (!isRefused(error)) throw error;
    say(`${id} was not looked at: ${error.message}`);
    return { id, props: outputs };
  }
}

/** What is deleted with a Service that is gone, or by a kubeconfig that is refused, is left: it costs nothing. */
async function tidied(outputs: Properties, work: (client: PipelinesClient) => Promise<void>): Promise<void> {
  try {
    await connected(outputs, work);
  } catch (error) {
    if (!isRefused(error)) throw error;
    say(`left as it is: ${error.message}`);
  }
}

function isRefused(error: unknown): error is PipelinesError {
  return error instanceof PipelinesError && error.status === 401;
}

/** Pulumi hands out what `resources.ts` has put in, of the types given there. */
function as<T>(properties: Properties): T {
  return properties as unknown as T;
}

function plain(outputs: object): Properties {
  return outputs as Properties;
}
