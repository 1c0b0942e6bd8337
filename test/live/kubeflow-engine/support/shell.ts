import { BUSYBOX } from "../../kapsule/support/busybox";

/** A container that runs a script in the image that every test node has. */
export function shell(script: string): { image: string; command: string[]; args: string[] } {
  return { image: BUSYBOX, command: ["sh", "-c"], args: [script] };
}
