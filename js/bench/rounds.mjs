// Times that can be compared: ours and the floor's in turns, in one run, the cost of the loop taken off, medians.

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

/** Milliseconds of a call. */
function timed(call) {
  const start = performance.now();
  call();
  return performance.now() - start;
}

/** Nanoseconds of one item of each of several loops over the same items. The first of them is the empty loop. */
export function compare(loops, items, rounds = 31) {
  let repeats = 1;
  while (timed(() => repeat(loops[0], repeats)) < 0.5 && repeats < 1 << 14) repeats *= 2;
  for (const loop of loops) repeat(loop, Math.max(8, repeats >> 2));
  const times = loops.map(() => []);
  for (let round = 0; round < rounds; round++) loops.forEach((loop, number) => times[number].push(timed(() => repeat(loop, repeats))));
  const each = times.map((list) => (median(list) * 1e6) / repeats / items);
  return each.slice(1).map((time) => Math.max(time - each[0], 0));
}

/** What a loop adds up is kept, so that no loop is left out. */
export let kept = 0;

function repeat(loop, times) {
  for (let time = 0; time < times; time++) kept += loop();
}

export { median };
