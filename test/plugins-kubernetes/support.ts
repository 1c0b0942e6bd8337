import type { Session } from "../../local/plugins/kubernetes/session";
import type { Configuration } from "../../local/plugins/kubernetes/configuration";
import { isNamespacedBuiltIn, type Kind } from "../../local/plugins/kubernetes/kinds";

/** Settings of a provider that says nothing. */
export const DEFAULTS: Configuration = {
  kubeconfig: undefined,
  context: undefined,
  cluster: undefined,
  namespace: undefined,
  patchForce: false,
  deleteUnreachable: false,
  configMapMutable: false,
  secretMutable: false,
};

/** A session for what needs no cluster: whoever asks the API server fails the test. */
export function sessionWithoutCluster(configuration: Partial<Configuration> = {}): Session {
  const session = {
    configuration: { ...DEFAULTS, ...configuration },
    defaultNamespace: "default",
    discovery: { isNamespaced: (kind: Kind) => Promise.resolve(isNamespacedBuiltIn(kind)) },
    find: () => Promise.resolve(undefined),
  };
  return session as unknown as Session;
}
