import { serveLanguageHost } from "./server";

serveLanguageHost().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
