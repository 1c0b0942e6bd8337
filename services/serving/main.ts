import { BucketSource } from "./bucket-source";
import { FileSource } from "./file-source";
import { SERVED } from "./kinds";
import type { ModelSource } from "./model-source";

/** Time that load balancers and kube-proxies get to notice that this pod is not ready any more. */
const NOTICE_MILLISECONDS = 3000;

async function main(): Promise<void> {
  const { PORT = "8080", HOST = "0.0.0.0", RECOMMENDER = "books", MODEL_POLL_SECONDS = "2" } = process.env;
  const serve = SERVED[RECOMMENDER];
  if (!serve) throw new Error(`RECOMMENDER is "${RECOMMENDER}"; there are ${Object.keys(SERVED).join(", ")}.`);
  const server = await serve({
    source: sourceFrom(process.env, RECOMMENDER),
    pollMilliseconds: Number(MODEL_POLL_SECONDS) * 1000,
  });
  const end = (signal: NodeJS.Signals) => {
    server.app.log.info({ signal }, "draining");
    void server.drain(NOTICE_MILLISECONDS).then(() => server.app.log.info("ended"));
  };
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
  await server.app.listen({ host: HOST, port: Number(PORT) });
}

function sourceFrom(environment: NodeJS.ProcessEnv, recommender: string): ModelSource {
  const { MODELS, MODEL_VERSION, MODEL_FILE, REPORTS_DIR } = environment;
  if (MODELS) return new BucketSource({ address: MODELS, recommender, ...(MODEL_VERSION && { pin: MODEL_VERSION }) });
  if (MODEL_FILE && REPORTS_DIR) return new FileSource(MODEL_FILE, REPORTS_DIR);
  throw new Error(
    "MODELS has to name the bucket of the models, as s3://<bucket>; or MODEL_FILE and REPORTS_DIR a file.",
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
