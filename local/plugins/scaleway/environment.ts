/** Variables that the provider may see. Others change what it does behind the configuration's back (`AWS_CA_BUNDLE`). */
const INHERITED = /^(HOME|PATH|TMPDIR|TZ|TF_LOG|TF_LOG_PROVIDER|SCW_[A-Z_]+)$/;

/**
 * Environment of the provider's process. With `LOCAL_SCALEWAY_PROXY` and `LOCAL_SCALEWAY_CA` its object storage calls,
 * whose address is fixed in the provider, go to a local Scaleway; the API's address is `SCW_API_URL`.
 */
export function providerEnvironment(own: NodeJS.ProcessEnv): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined && INHERITED.test(name)) environment[name] = value;
  }
  const { LOCAL_SCALEWAY_PROXY: proxy, LOCAL_SCALEWAY_CA: authority } = own;
  if (proxy) environment["HTTPS_PROXY"] = proxy;
  if (authority) environment["SSL_CERT_FILE"] = authority;
  return environment;
}
