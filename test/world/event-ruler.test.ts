import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { json } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../sandbox/account/rule-pattern.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { prepareEventRuler } from '../../scripts/prepare/prepare-event-ruler.ts';
import { ofType, resource } from '../infra/template.ts';
import { EVENT, PATTERNS, REFUSED } from '../sandbox/account/event-patterns.ts';

type Json = Readonly<Record<string, unknown>>;
type Answer = { readonly refused: string } | { readonly matches: readonly number[] };

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a value can be in place of what a pattern expects: other types, other cases, parts, lists, nothing. */
function variants(value: unknown): readonly unknown[] {
  const shared = [null, true, 0, 2, '', [], [value], ['other', value], { value }, undefined];
  if (typeof value === 'number') return [...shared, String(value), -value, value + 0.5];
  if (typeof value !== 'string') return shared;
  return [
    ...shared,
    value.toLowerCase(),
    value.toUpperCase(),
    `${value} `,
    ` ${value}`,
    value.slice(0, -1),
    `x${value}`,
  ];
}

/** The event with one leaf, or one branch, changed in each way. */
function mutations(event: Json): readonly Json[] {
  return Object.entries(event).flatMap(([key, value]) => [
    ...variants(value).map((other) => ({ ...event, [key]: other })),
    ...(isObject(value) ? mutations(value).map((branch) => ({ ...event, [key]: branch })) : []),
  ]);
}

const samples = globSync('events/{,inferred/}*.json').filter((file) => basename(file) !== 'manifest.json');
const ours = String(resource('DocumentNodeInstall').Properties['Name']);
const real = samples.map((file) => {
  const event = JSON.parse(readFileSync(file, 'utf8')) as Json;
  const detail = event['detail'] as Json;
  return 'document-name' in detail ? { ...event, detail: { ...detail, 'document-name': ours } } : event;
});
/** One of each type is changed: the others differ in values that no pattern reads. */
const kinds = new Map(real.map((event) => [event['detail-type'], event]));
const changed = [EVENT, ...kinds.values()].flatMap(mutations);
const events = (JSON.parse(JSON.stringify([EVENT, ...real, ...changed])) as readonly Json[]).map(
  (event) => [JSON.stringify(event), event] as const,
);

const rules = ofType('AWS::Events::Rule').flatMap(
  ([
    id,
    {
      Properties: { EventPattern },
    },
  ]) => (EventPattern === undefined ? [] : [[id, EventPattern] as const]),
);
const patterns = [...rules, ...PATTERNS.map(([name, pattern]) => [name, pattern] as const)];

const answers = await askEngine([...patterns, ...REFUSED].map(([, pattern]) => pattern));

async function askEngine(all: readonly unknown[]): Promise<readonly Answer[]> {
  const { jars, java } = await prepareEventRuler(cacheFolder(process.env));
  const source = join(import.meta.dirname, 'MatchAll.java');
  const engine = spawn(java, ['-Xshare:auto', '-cp', `${jars}/*`, source], { stdio: ['pipe', 'pipe', 'inherit'] });
  engine.stdin.end(JSON.stringify({ patterns: all, events: events.map(([, event]) => event) }));
  return (await json(engine.stdout)) as readonly Answer[];
}

describe("EventBridge's own matching engine", () => {
  test.each(patterns.map(([name, pattern], at) => [name, pattern, at] as const))(
    'matches the same events as the simulated account: %s, %j',
    (_name, pattern, at) => {
      const answer = answers[at];
      const theirs = new Set(answer !== undefined && 'matches' in answer ? answer.matches : []);
      const matches = compilePattern(pattern);
      const differ = events.flatMap(([text, event], n) => (matches(event) === theirs.has(n) ? [] : [text]));
      expect(answer).toHaveProperty('matches');
      expect(differ).toEqual([]);
    },
  );

  test.each(REFUSED.map(([name, pattern], at) => [name, pattern, patterns.length + at] as const))(
    'takes as little as the simulated account: %s, %j',
    (_name, _pattern, at) => {
      expect(answers[at]).toHaveProperty('refused');
    },
  );

  test.each(rules)('lets through by %s some samples and not others', (id) => {
    const answer = answers[rules.findIndex(([other]) => other === id)];
    const through = answer !== undefined && 'matches' in answer ? answer.matches.length : 0;
    expect(through).toBeGreaterThan(100);
    expect(through).toBeLessThan(events.length / 2);
  });
});
