import { span } from '../../shared/core/span.ts';
import type { Why } from '../why-pending.ts';
import { html, type Html } from './html.ts';

/** `1 node`, `2 nodes`. */
export const counted = (count: number, noun: string): string => `${count} ${count === 1 ? noun : `${noun}s`}`;

/** `3 min ago (08:00 UTC)`, with the day where it is another one. */
export function ago(instant: Date | number | undefined, now: Date): Html {
  if (instant === undefined) return html`never yet`;
  const iso = new Date(instant).toISOString();
  const isToday = iso.slice(0, 10) === now.toISOString().slice(0, 10);
  const clock = `${isToday ? '' : `${iso.slice(0, 10)} `}${iso.slice(11, 16)} UTC`;
  return html`<time datetime="${iso}">${span(now.getTime() - new Date(instant).getTime())} ago (${clock})</time>`;
}

/** For people, the series' values of `why`. */
export const WHY_IN_WORDS: Readonly<Record<Why | 'note', string>> = {
  gave_up: 'given up',
  rollout_stopped: 'waits: the rollout has stopped',
  agent_offline: 'waits for the SSM agent',
  artifacts_missing: 'waits for files in the bucket',
  put_off: 'put off again and again',
  failed: 'failed, tried again',
  conflict: 'another’s exporter is there',
  unsupported: 'not possible on this node',
  pending_restart: 'waits for the daemon’s restart',
  held: 'held by a policy',
  waiting: 'waits',
  in_flight: 'under way',
  note: 'installed, with a note',
};

/** `inFlight` of the records is `in flight` for people. */
export const phaseInWords = (phase: string): string =>
  phase === 'gaveUp' ? WHY_IN_WORDS.gave_up : phase.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
