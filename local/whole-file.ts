import { renameSync, writeFileSync } from "node:fs";

/**
 * Writes a file in one step: a killed process leaves the old or the new content, never half of it. One process at a
 * time may write the same file.
 */
export function writeWhole(path: string, content: string | Uint8Array, mode = 0o600): void {
  writeFileSync(`${path}.new`, content, { mode });
  renameSync(`${path}.new`, path);
}
