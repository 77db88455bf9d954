import { expect, onTestFinished, test } from 'vitest';
import { presignedUrl } from '../infra/exporters/hostile-values.ts';
import { body, startArtifactServer } from '../nodes/artifact-server.ts';
import { lockOf, prepared } from '../nodes/releases.ts';
import { ask, bootDocumentNode, metricsOf, runDocument } from '../nodes/run-document.ts';
import { say } from './say.ts';

const TIMES = 30;

test(
  `installed ${TIMES} times with nothing changed, one download serves all and one process lives through all`,
  { timeout: 300_000 },
  async () => {
    const server = await startArtifactServer();
    onTestFinished(() => server.close());
    const node = await bootDocumentNode(11, server.authority);
    onTestFinished(() => node.kill());
    const { release } = await prepared();
    const path = `/artifacts/node/${release.version}/${release.file}`;
    const url = presignedUrl(server.on(path, body(release.bytes)));
    const parameters = { UrlAmd64: url, UrlArm64: url, Port: '9100', Adopt: 'false' };
    const install = () => runDocument(node, { lock: lockOf(release), parameters });
    const pid = () => ask(node, 'systemctl show -p MainPID --value prometheus-on-emr-node');

    expect((await install()).report).toMatchObject({ outcome: 'installed', changed: true });
    const first = await pid();
    const times: number[] = [];
    for (let time = 1; time <= TIMES; time += 1) {
      const begun = performance.now();
      const { code, report } = await install();
      times.push(performance.now() - begun);
      expect({ code, report, pid: await pid() }).toMatchObject({
        code: 0,
        report: { outcome: 'installed', changed: false },
        pid: first,
      });
    }
    expect(server.asked).toEqual([path]);
    expect(await metricsOf(node)).toContain('node_uname_info');
    say(`${TIMES} runs of the install document: ${Math.max(...times).toFixed(0)} ms at most`);
  },
);
