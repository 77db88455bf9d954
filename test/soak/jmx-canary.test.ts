import { beforeAll, expect, test } from 'vitest';
import { AGENT, CONF, envFiles, layOtherAgent, OTHER, SEEN } from '../nodes/jmx-agent-node.ts';
import { jmxNode } from '../nodes/jmx-node.ts';
import { bootStandInNode } from '../nodes/stand-ins.ts';

const jmx = jmxNode((trust) => bootStandInNode(153, trust));
let envBefore: readonly string[];

beforeAll(async () => {
  await layOtherAgent(jmx);
  envBefore = await envFiles(jmx.node);
});
const install = async () => await jmx.install(AGENT);

test('a canary that hangs is ended and nothing is written; so it is when the run is killed, and the next one works', async () => {
  await jmx.start('namenode', { flags: `-javaagent:${OTHER}=hang` });
  const { code, report } = await install();
  expect({ code, report }).toMatchObject({ code: 1, report: { outcome: 'failed' } });
  expect(await envFiles(jmx.node)).toEqual(envBefore);
  expect(await jmx.script(`ls ${CONF} -A | grep prometheus; ls /opt/prometheus-on-emr/jmx/agent 2>/dev/null; :`)).toBe(
    '',
  );
  // The order once more, where nothing but its own end takes its children away.
  await jmx.script(`rm ${SEEN}/*; systemd-run --quiet --unit=order -p KillMode=process sh $(ls -t /root/document-*.launch | head -n 1)
     until [ -s ${SEEN}/environ ]; do sleep 0.1; done
     kill -9 $(systemctl show -P MainPID order); pgrep -f '[k]eytool' >/dev/null`);
  await jmx.script("for i in {1..500}; do pgrep -f '[k]eytool' >/dev/null || exit 0; sleep 0.1; done; exit 1");
  await jmx.start('namenode');
  expect((await install()).report).toMatchObject({ outcome: 'pendingRestart' });
});
