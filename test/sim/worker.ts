import { simulate } from './simulate.ts';
for (let s = Number(process.argv[2]); s < Number(process.argv[3]); s += 1) {
  const t = performance.now();
  const { violation, trace } = await simulate(s, { isTraced: process.argv[4] === 'trace' });
  console.log(s, Math.round(performance.now() - t), JSON.stringify(violation));
  if (process.argv[4] === 'trace') console.log(trace.join('\n'));
}
