import { randomUUID } from "node:crypto";
import { z } from "zod";

/** What goes wrong, at which calls of which operation. */
export const faultSchema = z.strictObject({
  /** Such as `k8s.CreateCluster`; `*` is every operation. */
  operation: z.string().min(1),
  /** First call it acts on, counted from the injection. */
  call: z.int().min(1).default(1),
  /** How many calls it acts on from there. */
  count: z.int().min(1).default(1),
  /** Milliseconds before the call is looked at. */
  delayMilliseconds: z.int().min(0).max(600_000).optional(),
  /** Closes the connection without an answer: before the call is carried out, or after. */
  drop: z.enum(["before", "after"]).optional(),
  /** Answers this instead of carrying the call out. */
  status: z.int().min(200).max(599).optional(),
  /** With `status`: carries the call out all the same. */
  commit: z.boolean().default(false),
  /** Body of the answer with `status`: JSON unless a content type is given; none by default. */
  body: z.unknown().optional(),
  contentType: z.string().optional(),
  retryAfterSeconds: z.int().min(0).optional(),
  /** What the call makes or changes stays in its transient state until the faults are cleared. */
  stuck: z.boolean().default(false),
});

export type FaultRequest = z.output<typeof faultSchema>;

export interface Fault extends FaultRequest {
  readonly id: string;
  /** Calls of the operation seen since the injection. */
  seen: number;
}

/** Faults that wait for their call; kept in memory only, so that a restart ends them. */
export class Faults {
  private faults: Fault[] = [];

  inject(request: FaultRequest): Fault {
    const fault = { ...request, id: randomUUID(), seen: 0 };
    this.faults.push(fault);
    return fault;
  }

  list(): readonly Fault[] {
    return this.faults;
  }

  clear(): void {
    this.faults = [];
  }

  /** Counts a call and returns the fault that acts on it: the one injected first. */
  take(operation: string): Fault | undefined {
    let acting: Fault | undefined;
    for (const fault of this.faults.filter((each) => each.operation === "*" || each.operation === operation)) {
      fault.seen += 1;
      if (fault.seen >= fault.call && fault.seen < fault.call + fault.count) acting ??= fault;
    }
    return acting;
  }
}
