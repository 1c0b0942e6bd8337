import { BucketSource } from "./bucket-source";
import { SERVED } from "./kinds";

/** Time that load balancers and kube-proxies get to notice that this pod is not ready any more. */
const NOTICE_MILLISECONDS = 3000;

async function main(): Promise<void> {
  const { PORT = "8080", HOST = "0.0.0.0", RECOMMENDER = "books", MODEL_POLL_SECONDS = "2" } = process.env;
  const { MODELS, MODEL_VERSION } = process.env;
  const serve = SERVED[RECOMMENDER];
  if (!serve) throw new Error(`RECOMMENDER is "${RECOMMENDER}"; there are ${Object.keys(SERVED).join(", ")}.`);
  if (!MODELS) throw new Error("MODELS is not set: name the bucket of the models, as s3://<bucket>.");
  const server = await serve({
    source: new BucketSource({
      address: MODELS,
      recommender: RECOMMENDER,
      ...(MODEL_VERSION && { pin: MODEL_VERSION }),
    }),
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

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
