import type { Account } from "../../instance";
import { authenticationDenied } from "../server/errors";
import type { Store, Stored } from "../server/store";
import { type Action, grants } from "./permission-sets";
import type { Principal } from "./principal";
import type { ApiKey, Group, Policy } from "./records";

/** Resolves keys to who holds them, and what their policies let them do. */
export class Identity {
  constructor(
    private readonly account: Account,
    private readonly store: Store,
  ) {}

  projectExists(id: string): boolean {
    return id === this.account.projectId || this.store.collection<Stored>("account-projects").get(id) !== undefined;
  }

  /** The holder of a secret key as `X-Auth-Token` carries it; refused with the API's 401 body. */
  bySecretKey(secretKey: string | undefined): Principal {
    if (secretKey === undefined || secretKey === "") throw authenticationDenied("invalid_argument");
    if (secretKey === this.account.secretKey) return this.unlimited("owner");
    if (secretKey === this.account.serviceToken) return this.unlimited("service");
    const key = this.keys().find((each) => each.secret_key === secretKey);
    if (!key) throw authenticationDenied("not_found");
    return this.holderOf(key);
  }

  /** The secret to check a signature with, and the holder; undefined where no such access key exists. */
  byAccessKey(accessKey: string): { secretKey: string; principal: Principal } | undefined {
    if (accessKey === this.account.accessKey)
      return { secretKey: this.account.secretKey, principal: this.unlimited("owner") };
    const key = this.store.collection<ApiKey>("iam-api-keys").get(accessKey);
    return key && { secretKey: key.secret_key, principal: this.holderOf(key) };
  }

  private keys(): ApiKey[] {
    return this.store.collection<ApiKey>("iam-api-keys").all();
  }

  private unlimited(label: string): Principal {
    const { organizationId, projectId } = this.account;
    return { label, organizationId, defaultProjectId: projectId, may: () => true };
  }

  private holderOf(key: ApiKey): Principal {
    if (key.expires_at !== null && Date.parse(key.expires_at) <= Date.now()) throw authenticationDenied("expired");
    return {
      label: key.id,
      organizationId: this.account.organizationId,
      defaultProjectId: key.default_project_id,
      may: (product, action, projectId) => this.allowed(key, product, action, projectId),
    };
  }

  private allowed(key: ApiKey, product: string, action: Action, projectId: string | undefined): boolean {
    const groups = new Set(
      this.store
        .collection<Group>("iam-groups")
        .filter(({ application_ids }) => application_ids.includes(key.application_id ?? ""))
        .map(({ id }) => id),
    );
    return this.store
      .collection<Policy>("iam-policies")
      .filter(({ application_id, group_id }) =>
        application_id === undefined
          ? group_id !== undefined && groups.has(group_id)
          : application_id === key.application_id,
      )
      .flatMap(({ rules }) => rules)
      .filter(
        ({ project_ids }) => project_ids === undefined || (projectId !== undefined && project_ids.includes(projectId)),
      )
      .some(({ permission_set_names }) => permission_set_names.some((name) => grants(name, product, action)));
  }
}
