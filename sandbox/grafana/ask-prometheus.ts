/** `data` of Prometheus's HTTP API; what it says instead is the error. */
export async function askPrometheus<T>(
  url: string,
  path: string,
  parameters: Readonly<Record<string, string>>,
): Promise<T> {
  const asked = `${path}?${new URLSearchParams(parameters).toString()}`;
  const response = await fetch(`${url}${asked}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} ${JSON.stringify(parameters)}: ${response.status} ${text}`);
  return (JSON.parse(text) as { readonly data: T }).data;
}
