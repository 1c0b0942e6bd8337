import { createServer } from "./server";

/** Time that load balancers and kube-proxies get to notice that this pod is not ready any more. */
const NOTICE_MILLISECONDS = 3000;

async function main(): Promise<void> {
  const { PORT = "8080", HOST = "0.0.0.0", MODEL_FILE, REPORTS_DIR, MODEL_POLL_SECONDS = "2" } = process.env;
  if (!MODEL_FILE || !REPORTS_DIR)
    throw new Error("MODEL_FILE and REPORTS_DIR have to name the model and the directory of the training reports.");
  const server = await createServer({
    modelFile: MODEL_FILE,
    reportsDirectory: REPORTS_DIR,
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
