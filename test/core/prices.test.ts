import { expect, test } from 'vitest';
import { parsePrices } from '../../shared/core/prices.ts';

const HEAD = 'instance_type,region,market,usd_per_hour';
const file = (...rows: readonly string[]): string => [HEAD, ...rows, ''].join('\n');

test('a price is read from each row, in every market; comments, empty lines, spaces and a byte order mark are no rows', () => {
  const text = `\uFEFF# list of May\n${file('m5.xlarge, eu-west-1, ON_DEMAND, 0.214', '', '# spot', 'm5.xlarge,eu-west-1,SPOT,0.08', 'u-6tb1.metal,us-gov-west-1,ON_DEMAND,55')}`;
  expect(parsePrices(text.replaceAll('\n', '\r\n'))).toEqual({
    prices: [
      { instanceType: 'm5.xlarge', region: 'eu-west-1', market: 'ON_DEMAND', usdPerHour: 0.214 },
      { instanceType: 'm5.xlarge', region: 'eu-west-1', market: 'SPOT', usdPerHour: 0.08 },
      { instanceType: 'u-6tb1.metal', region: 'us-gov-west-1', market: 'ON_DEMAND', usdPerHour: 55 },
    ],
  });
});

test('a file with a header alone has no prices', () => {
  expect(parsePrices(`${HEAD}\n`)).toEqual({ prices: [] });
});

test.each<[string, string, number, RegExp]>([
  ['nothing at all', '', 1, /^the first row is nothing; expected instance_type,region,market,usd_per_hour$/],
  [
    'another header',
    'type,region,market,price\n',
    1,
    /^the first row is "type,region,market,price"; expected instance_type,/,
  ],
  ['an unknown market', file('m5.xlarge,eu-west-1,spot,0.1'), 2, /^market is "spot"; expected ON_DEMAND or SPOT$/],
  [
    'a negative price',
    file('m5.xlarge,eu-west-1,SPOT,-0.1'),
    2,
    /^usd_per_hour is "-0.1"; expected US dollars per hour/,
  ],
  ['a price in cents', file('m5.xlarge,eu-west-1,SPOT,10700'), 2, /^usd_per_hour is "10700"; expected .* 0 to 1000/],
  ['a price with its sign', file('m5.xlarge,eu-west-1,SPOT,$0.1'), 2, /^usd_per_hour is "\$0\.1"/],
  ['no price', file('m5.xlarge,eu-west-1,SPOT,'), 2, /^usd_per_hour is ""/],
  ['not a number', file('m5.xlarge,eu-west-1,SPOT,NaN'), 2, /^usd_per_hour is "NaN"/],
  ['a decimal comma', file('m5.xlarge,eu-west-1,SPOT,0,107'), 2, /^5 columns; expected 4: .*a decimal point, no comma/],
  ['a zone for a Region', file('m5.xlarge,eu-west-1a,SPOT,0.1'), 2, /^region is "eu-west-1a"; expected a Region/],
  [
    'an instance type without size',
    file('m5,eu-west-1,SPOT,0.1'),
    2,
    /^instance_type is "m5"; expected an instance type/,
  ],
  [
    'a second price of the same',
    file('m5.xlarge,eu-west-1,SPOT,0.1', '', 'm5.xlarge,eu-west-1,SPOT,0.2'),
    4,
    /^m5\.xlarge eu-west-1 SPOT has a price in line 2; keep one/,
  ],
  [
    'a quote that is never closed',
    file('# spot', 'm5.xlarge,eu-west-1,"SPOT,0.1', 'm5.large,eu-west-1,SPOT,0.1'),
    3,
    /^not CSV: Quote Not Closed: .*; no cell needs quotes$/,
  ],
  [
    'a quote and a line break in a value',
    file('"m5.""x\nlarge",eu-west-1,SPOT,0.1'),
    2,
    /^instance_type is "m5\.\\"x\\nlarge"; expected/,
  ],
])('%s is refused with its line and what is right', (_name, text, line, words) => {
  const { problems = [] } = parsePrices(text);
  expect(problems).toEqual([{ line, text: expect.stringMatching(words) as string }]);
});

test.each(['\n', '\r\n', '\r'])('a row of several lines is told by its first, whatever ends a line: %j', (end) => {
  const rows = ['"m5.\n\nlarge",eu-west-1,SPOT,1', '', ' # mine', 'm5,eu-west-1,SPOT,1', 'm5.large,"eu\n",SPOT,1'];
  const { problems = [] } = parsePrices(`\uFEFF# list\n\n${file(...rows)}`.replaceAll('\n', end));
  expect(problems.map(({ line }) => line)).toEqual([4, 9, 10]);
});

test('everything that is wrong is named at once, by line', () => {
  const { problems = [] } = parsePrices(
    file('m5,x,SPOT,1', 'm5.large,eu-west-1,SPOT,1', 'm5.large,eu-west-1,SPOT,1,1'),
  );
  expect(problems.map(({ line }) => line)).toEqual([2, 2, 4]);
});

test('more prices than a host shall have series for are refused at the row that is one too many', () => {
  const rows = Array.from({ length: 5001 }, (_, index) => `m5.x${index},eu-west-1,SPOT,1`);
  expect(parsePrices(file(...rows.slice(1))).problems).toBeUndefined();
  expect(parsePrices(file(...rows)).problems).toEqual([
    { line: 5002, text: expect.stringMatching(/^more than 5000 prices/) as string },
  ]);
});
