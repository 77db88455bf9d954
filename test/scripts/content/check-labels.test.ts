import { expect, test } from 'vitest';
import { check, GOOD, RULES } from './content-world.ts';

const FILE = 'content/rules/a.yml';
/** `labels` stand in line 6, what is in them from line 7 on. */
const ofAlert = (...labels: readonly string[]): string =>
  RULES.replace(/ +annotations/, (next) =>
    ['        labels:', ...labels.map((label) => `          ${label}`), next].join('\n'),
  );
const ofRecord = (...labels: readonly string[]): string => ofAlert(...labels).replace('alert: Idle', 'record: my:idle');
const ofGroup = (labels: string): string => RULES.replace('name: mine', `name: mine\n    labels: ${labels}`);

test.each<[string, Readonly<Record<string, string>>, string]>([
  [
    'quotes in a label value',
    { [FILE]: ofAlert('team: x', String.raw`service: "a\"b"`) },
    String.raw`${FILE}:8: label service is "a\"b"; expected text without quotes around or in it`,
  ],
  ['quotes in quotes', { [FILE]: ofAlert(`team: "'infra'"`) }, `${FILE}:7: label team is "'infra'"; expected text`],
  ['backquotes', { [FILE]: ofAlert("team: '`infra`'") }, `${FILE}:7: label team is "\`infra\`"; expected text`],
  [
    'a newline in a label value',
    { [FILE]: ofAlert(String.raw`team: "a\nb"`) },
    String.raw`${FILE}:7: label team is "a\nb"; expected one line without control characters (>- makes one of several)`,
  ],
  [
    'a label value of several lines',
    { [FILE]: ofAlert('team: |', '  a', '  b', 'service: x') },
    String.raw`${FILE}:7: label team is "a\nb\n"; expected one line`,
  ],
  [
    'a control character in a label value',
    { [FILE]: ofRecord(String.raw`team: "a\e[31m"`) },
    String.raw`${FILE}:7: label team is "a\u001b[31m"; expected one line without control characters`,
  ],
  [
    'quotes beside a template',
    { [FILE]: ofAlert(`team: '"{{ $labels.team }}"'`) },
    String.raw`${FILE}:7: label team is "\"{{ $labels.team }}\""; expected text without quotes`,
  ],
  [
    'quotes in what is no template, for rules that record have none',
    { [FILE]: ofRecord(`team: '{{ "x" }}'`) },
    String.raw`${FILE}:7: label team is "{{ \"x\" }}"; expected text without quotes`,
  ],
  [
    'quotes in a label of a group',
    { [FILE]: ofGroup(String.raw`{ team: "a\"b" }`) },
    String.raw`${FILE}:3: label team is "a\"b"; expected text without quotes`,
  ],
  [
    'quotes that come along by an alias, where they stand',
    {
      [FILE]: ofGroup(String.raw`&mine { team: "a\"b" }`).replace(
        '        annotations',
        '        labels: { <<: *mine }\n$&',
      ),
    },
    String.raw`${FILE}:3: label team is "a\"b"; expected text without quotes`,
  ],
  [
    'a label name with a hyphen',
    { [FILE]: ofAlert('my-team: x') },
    `${FILE}:7: "my-team" is no label name; expected letters, digits and _, not __ or a digit first`,
  ],
  ["a label name of Prometheus's own", { [FILE]: ofAlert('__team: x') }, `${FILE}:7: "__team" is no label name`],
  ['no label name', { [FILE]: ofAlert('? [a]', ': x') }, `${FILE}:7: "" is no label name`],
  [
    'a label that is a list',
    { [FILE]: ofAlert('team: [a]') },
    `${FILE}:7: label team is a list or a map; expected text`,
  ],
  [
    'labels that hold themselves',
    { [FILE]: ofGroup('&mine { <<: *mine }') },
    `${FILE}:3: labels: an alias of what it stands in`,
  ],
  ['labels that are a list', { [FILE]: ofGroup('[team]') }, `${FILE}:3: labels: not a map of names and values`],
  [
    'a newline that no template cuts off',
    { [FILE]: ofAlert('team: |-', '  {{ if true }}', '  a', '  {{ end }}') },
    String.raw`${FILE}:7: label team is "{{ if true }}\na\n{{ end }}"; expected one line`,
  ],
  [
    'a newline before what a template cuts off behind it',
    { [FILE]: ofAlert('team: |-', '  a', '  {{/* c */ -}}', '  b') },
    String.raw`${FILE}:7: label team is "a\n{{/* c */ -}}\nb"; expected one line`,
  ],
  [
    'a newline behind what a template cuts off before it',
    { [FILE]: ofAlert('team: |-', '  a', '  {{- "" }}', '  b') },
    String.raw`${FILE}:7: label team is "a\n{{- \"\" }}\nb"; expected one line`,
  ],
])('refuses %s with file, line and fix', async (_name, texts, words) => {
  const error = (await check({ ...GOOD, ...texts }).catch((cause: unknown) => cause)) as Error;
  expect(error.name).toBe('ConfigError');
  expect(error.message).toMatch(/^content: 1 problem\n {2}/);
  expect(error.message).toContain(words);
});

test.each([
  ['words', ofAlert("team: don't page", 'city: Zürich', 'empty:', 'count: 1')],
  ['a template with quotes', ofAlert(`team: '{{ if eq $labels.team "a" }}b{{ else }}{{ $labels.team }}{{ end }}'`)],
  ['a template with braces in quotes', ofAlert(`team: '{{ printf "}}\\"%s" "x" }}{{/* "mine" */}}{{ \`"}}\` }}'`)],
  ['a template of several lines', ofAlert('team: >-', '  {{ if true -}}', '  a', '  {{- end }}')],
  [
    'templates whose markers cut off every newline',
    ofAlert('team: |-', '  {{- if gt $value 5.0 -}}', '  critical', '  {{- else -}}', '  warning', '  {{- end -}}'),
  ],
  [
    'a comment that cuts off the newlines around it',
    ofAlert('team: |', '  a', '  {{- /* c */ -}}', '', '  b{{- "" -}}'),
  ],
  ['a template of a group', ofGroup(`{ team: '{{ with $labels.team }}{{ . | reReplaceAll "a" "b" }}{{ end }}' }`)],
  ['no labels', ofAlert('').replace('labels:\n', 'labels:')],
  [
    'labels of two aliases',
    ofGroup('&mine { team: a }').replace('        annotations', '        labels: { <<: [*mine, *mine] }\n$&'),
  ],
  ['labels of an alias', ofGroup('&mine { team: a }').replace('        annotations', '        labels: *mine\n$&')],
])('takes a label of %s', async (_name, text) => {
  expect((await check({ ...GOOD, [FILE]: text })).at(-1)).toBe('Everything may be published.');
});
