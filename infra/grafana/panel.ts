import type { Panel, Threshold, ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { MappingType, ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';

/** What every panel has. `description` tells the reader what a bad value looks like and what to look at next. */
export interface PanelText {
  readonly title: string;
  readonly description: string;
  /** Grafana's name of the unit, such as `percentunit`, `bytes`, `s`, `ops`. */
  readonly unit?: string;
  readonly decimals?: number;
  /** Of 24 columns. */
  readonly width?: number;
  /** Of 30 pixels or so. */
  readonly height?: number;
}

/** A panel without its place. */
export type Unplaced = Panel;

/** From which value on a colour holds; the first step has no value. */
export type Steps = readonly (readonly [value: number | null, color: string])[];

/** Above is worse: green, then orange, then red. */
export const worseAbove = (warn: number, bad: number): Steps => [
  [null, 'green'],
  [warn, 'orange'],
  [bad, 'red'],
];

/** Below is worse: red, then orange, then green. */
export const worseBelow = (warn: number, bad: number): Steps => [
  [null, 'red'],
  [bad, 'orange'],
  [warn, 'green'],
];

/** Anything but none is bad. */
export const NONE_IS_GOOD: Steps = [
  [null, 'green'],
  [1, 'red'],
];

/** A number that is neither good nor bad. */
export const NEUTRAL: Steps = [[null, 'text']];

export const thresholds = (steps: Steps): ThresholdsConfigBuilder =>
  new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(steps.map(([value, color]): Threshold => ({ value, color })));

/** Words for values: `inWords({ 0: ['silent', 'red'], 1: ['answers', 'green'] })`. */
export const inWords = (words: Readonly<Record<string, readonly [text: string, color?: string]>>): ValueMap => ({
  type: MappingType.ValueToText,
  options: Object.fromEntries(
    Object.entries(words).map(([value, [text, color]], index) => [value, { text, index, ...(color ? { color } : {}) }]),
  ),
});
