// Times that can be compared: ours and the floor's in turns, in one run, the cost of the loop taken off, medians.

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

/** Milliseconds of a call. */
function timed(call) {
  const start = performance.now();
  call();
  return performance.now() - start;
}

/** So many repeats of a loop that a clock can tell. */
function repeatsOf(loop) {
  let repeats = 1;
  while (repeats < 1 << 14 && timed(() => repeat(loop, repeats)) < 2) repeats *= 2;
  return repeats;
}

/** Nanoseconds of one item of each of several loops over the same items. The first of them is the empty loop. */
export function compare(loops, items, rounds = 31) {
  loops.forEach((loop) => repeat(loop, Math.ceil(repeatsOf(loop) / 4)));
  const [repeats, times] = [loops.map(repeatsOf), loops.map(() => [])];
  for (let round = 0; round < rounds; round++) loops.forEach((loop, number) => times[number].push(timed(() => repeat(loop, repeats[number])) / repeats[number]));
  const each = times.map((list) => (median(list) * 1e6) / items);
  return each.slice(1).map((time) => Math.max(time - each[0], 0));
}

/** What a loop adds up is kept, so that no loop is left out. */
export let kept = 0;

function repeat(loop, times) {
  for (let time = 0; time < times; time++) kept += loop();
}

export { median };
