import type { Action } from "./permission-sets";

/** Who made a call. */
export interface Principal {
  /** "owner", "service", "anonymous" or an access key, for the event log. */
  readonly label: string;
  readonly organizationId: string;
  /** Project that calls act in where they name none. */
  readonly defaultProjectId: string;
  /** Organization-wide rights (IAM, projects) are asked without a project. */
  may(product: string, action: Action, projectId?: string): boolean;
}
