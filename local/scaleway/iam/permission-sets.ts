export type Action = "read" | "write";

/**
 * Products of the API by the operations' prefix, with the stems of the permission sets that open them.
 * `<stem>FullAccess` opens all of a product, `<stem>ReadOnly` its reading.
 */
const STEMS: Readonly<Record<string, readonly string[]>> = {
  k8s: ["Kubernetes"],
  vpc: ["VPC", "PrivateNetworks"],
  gateway: ["VPCGateway"],
  registry: ["ContainerRegistry"],
  secret: ["SecretManager"],
  block: ["BlockStorage"],
  account: ["Project"],
  cockpit: ["Observability"],
  lb: ["LoadBalancers"],
  instance: ["Instances"],
  ipam: ["IPAM"],
  s3: ["ObjectStorage"],
};

/** Finer permission sets, each with exactly the product and actions it opens. */
const FINER: Readonly<Record<string, readonly [product: string, ...actions: Action[]]>> = {
  IAMManager: ["iam", "read", "write"],
  IAMReadOnly: ["iam", "read"],
  ProjectManager: ["account", "read", "write"],
  OrganizationManager: ["account", "read", "write"],
  SecretManagerSecretAccess: ["secret-access", "read"],
  ObjectStorageObjectsRead: ["s3-object", "read"],
  ObjectStorageObjectsWrite: ["s3-object", "write"],
  ObjectStorageObjectsDelete: ["s3-object-deletion", "write"],
  ObjectStorageBucketsRead: ["s3-bucket", "read"],
  ObjectStorageBucketsWrite: ["s3-bucket", "write"],
  ObjectStorageBucketsDelete: ["s3-bucket-deletion", "write"],
};

/** Whether a permission set lets its holder do this; `product` may be a part such as `s3-object` or `secret-access`. */
export function grants(permissionSet: string, product: string, action: Action): boolean {
  if (permissionSet === "AllProductsFullAccess") return product !== "iam";
  if (permissionSet === "AllProductsReadOnly")
    return product !== "iam" && product !== "secret-access" && action === "read";
  const finer = FINER[permissionSet];
  if (finer) return finer[0] === product && finer.slice(1).includes(action);
  const whole = product.startsWith("s3") ? "s3" : product.startsWith("secret") ? "secret" : product;
  const stems = STEMS[whole] ?? [];
  if (stems.some((stem) => permissionSet === `${stem}FullAccess`)) return true;
  return product !== "secret-access" && action === "read" && stems.some((stem) => permissionSet === `${stem}ReadOnly`);
}
