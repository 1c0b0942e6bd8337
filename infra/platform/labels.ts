/** Labels by which people, Services and network policies find pods. */
export function labels(name: string, component: string): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/component": component };
}
