import { describe, expect, test } from 'vitest';
import { parseTargets } from '../../shared/core/parse-targets.ts';
import { renderTargets } from '../../shared/core/targets.ts';

const group = (over: object) => JSON.stringify([{ targets: ['10.0.0.1:9100'], labels: { job: 'node' }, ...over }]);
const to = (...targets: unknown[]) => group({ targets });
const labelled = (labels: unknown) => group({ labels });

describe('what our functions write is read back', () => {
  test.each([
    ['no groups', []],
    ['a group', [{ targets: ['10.0.0.1:9100'], labels: { job: 'node', cluster_name: 'a "b" é\n😀' } }]],
    ['a label that JavaScript could stumble over', [{ targets: ['h:1'], labels: { constructor: 'x' } }]],
  ])('%s', (_name, groups) => {
    expect(parseTargets(renderTargets(groups))).toEqual(groups);
  });

  test.each(['10.0.0.1:9100', 'ip-10-0-0-1.ec2.internal:17101', '[fd00::1]:9100', 'localhost:65535'])(
    '%s is a target',
    (target) => {
      expect(parseTargets(to(target))).toHaveLength(1);
    },
  );
});

describe('what Prometheus would refuse, or scrape in a way nobody meant, is refused with its place', () => {
  test.each([
    ['half a file', group({}).slice(0, 40), 'not JSON'],
    ['nothing', '', 'not JSON'],
    ['a byte order mark', `\uFEFF${group({})}`, 'not JSON'],
    ['an object', '{}', '[] a list of groups expected'],
    ['a null group', '[null]', '[0] an object with exactly "targets" and "labels" expected'],
    ['an unknown key', group({ comment: 'x' }), '[0] an object with exactly "targets" and "labels" expected'],
    ['no labels', '[{"targets":[]}]', '[0.labels]'],
    ['no targets', '[{"labels":{}}]', '[0.targets] a list of host:port expected'],
    ['a target without port', to('10.0.0.1'), '[0.targets.0] host:port expected'],
    ['port 0', to('10.0.0.1:0'), '[0.targets.0] host:port expected'],
    ['a port above 65535', to('10.0.0.1:65536'), '[0.targets.0] host:port expected'],
    ['a scheme', to('http://10.0.0.1:9100'), '[0.targets.0] host:port expected'],
    ['a path', to('10.0.0.1:9100/metrics'), '[0.targets.0] host:port expected'],
    ['another user', to('a@b:9100'), '[0.targets.0] host:port expected'],
    ['a bare IPv6 address', to('fd00::1:9100'), '[0.targets.0] host:port expected'],
    ['a number', to(9100), '[0.targets.0] host:port expected'],
    ['a line break after the port', to('a:9100\n'), '[0.targets.0] host:port expected'],
    ['a label with a dash', labelled({ 'a-b': 'x' }), '[0.labels'],
    ['a label of Prometheus itself', labelled({ __address__: 'x' }), '[0.labels'],
    ['an empty label name', labelled({ '': 'x' }), '[0.labels'],
    ['a label value that is no text', labelled({ a: 1 }), '[0.labels.a] a text expected'],
  ])('%s', (_name, text, problem) => {
    expect(() => parseTargets(text)).toThrow(expect.objectContaining({ name: 'UnreadableError' }));
    expect(() => parseTargets(text)).toThrow(problem);
  });

  test('a file full of mistakes makes a short message', () => {
    const text = JSON.stringify(Array.from({ length: 1000 }, () => null));
    expect(() => parseTargets(text)).toThrow(/and 997 more$/);
  });
});
