import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Runs an action while no other process holds the lock of the file. The kernel keeps the lock (flock), so it is free
 * again the moment its holder ends, however it ends.
 * @param waiting called once where somebody else holds it
 */
export async function withLock<T>(file: string, waiting: () => void, action: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const release = (await acquire(file, false)) ?? (waiting(), await acquire(file, true));
  if (!release) throw new Error(`The lock ${file} could not be taken: is util-linux (program flock) installed?`);
  try {
    return await action();
  } finally {
    await release();
  }
}

/** The way to release the lock, or undefined where another holds it and there is no wish to wait. */
async function acquire(file: string, wait: boolean): Promise<(() => Promise<void>) | undefined> {
  // The holder ends with its standard input, which closes when this process ends; Ctrl-C does not reach it.
  const options = wait ? ["--no-fork"] : ["--no-fork", "--nonblock"];
  const holder = spawn("flock", [...options, file, "sh", "-c", "echo held; exec cat > /dev/null"], {
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = once(holder, "exit");
  const held = await Promise.race([
    once(holder.stdout, "data").then(() => true),
    ended.then(
      () => false,
      () => false,
    ),
  ]);
  if (!held) return undefined;
  return async () => {
    holder.stdin.end();
    await ended;
  };
}
