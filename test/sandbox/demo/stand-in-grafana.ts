import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Answers what it was started with; asked whether it is ready, it is not yet the first time. */
const PROGRAM = `#!${process.execPath}
let asked = 0;
require('node:http').createServer(({ url }, response) => {
  if (url === '/api/health') response.statusCode = asked++ === 0 ? 503 : 200;
  response.end(JSON.stringify({ args: process.argv.slice(2), env: process.env }));
}).listen(Number(process.env.GF_SERVER_HTTP_PORT), process.env.GF_SERVER_HTTP_ADDR);
`;

/** Puts it where a release has its program. */
export async function writeStandIn(folder: string, program = PROGRAM): Promise<void> {
  await mkdir(join(folder, 'bin'), { recursive: true });
  await writeFile(join(folder, 'bin/grafana'), program, { mode: 0o755 });
}

/** What it says of itself. */
export async function startedWith(url: string) {
  const response = await fetch(url);
  return (await response.json()) as {
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string | undefined>>;
  };
}
