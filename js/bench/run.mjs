// Measures the installed package beside the floor and prints tables: `node --expose-gc run.mjs FOLDER [N ..]`. It measures and
// never judges: a time is not a test.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { Organization, ROLE_ADMIN } from "./floor.mjs";
import { NOW, POLICY, questions, ROOT, snapshot, userId } from "./organization.mjs";
import { compare, median } from "./rounds.mjs";

const [folder = ".", ...given] = process.argv.slice(2);
const sizes = given.length > 0 ? given.map(Number) : [10, 1_000, 100_000];
const entry = pathToFileURL(createRequire(resolve(folder, "package.json")).resolve("tenantry")).href;
const { Directory, NONE, Policy } = await import(entry);
const policy = Policy.parse(POLICY);
const COUNT = 1024;

const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);
const head = (...cells) => (row(...cells), row(...cells.map(() => "---")));
const ns = (time) => (time < 1000 ? `${time.toFixed(1)} ns` : `${(time / 1000).toFixed(2)} µs`);
const times = (ratio) => `${ratio.toFixed(2)}×`;

const SORTS = [
  ["member.remove", "remove", (floor, { actor, target }) => floor.canRemove(actor, target)],
  ["member.set_roles", "set_roles", (floor, { actor, target }) => floor.canSetRole(actor, target, ROLE_ADMIN)],
  ["doc.edit", "edit", (floor, { actor, scope }) => floor.canEdit(actor, scope, NOW)],
];

/** The loops over the questions of one sort. Each has a function of its own, as it would in an app. */
function loopsOf([action, sort, byHand], directory, floor, list) {
  const make = (body) => new Function("list", "d", "floor", "byHand", "numbers", "NOW", `return () => { let sum = 0; ${body} return sum; }`);
  const scope = (question) => directory.scope(question.scope ?? ROOT);
  const role = sort === "set_roles" ? "admin" : undefined;
  const numbers = list.flatMap((question) => [
    directory.user(question.actor), policy.action(action), scope(question),
    question.target === undefined ? NONE : directory.user(question.target),
    role === undefined ? NONE : directory.role(scope(question), role),
  ]);
  const about = sort === "edit" ? "{ scope: q.scope, now: NOW }" : sort === "set_roles" ? '{ target: q.target, role: "admin", now: NOW }' : "{ target: q.target, now: NOW }";
  const bodies = [
    "for (const q of list) sum += q.actor.length;",
    `for (const q of list) sum += byHand(floor, q) ? 1 : 0;`,
    "for (let i = 0; i < numbers.length; i += 5) sum += d.canNumbers(numbers[i], numbers[i + 1], numbers[i + 2], numbers[i + 3], numbers[i + 4], NOW) ? 1 : 0;",
    `for (const q of list) sum += d.can(q.actor, "${action}", ${about}) ? 1 : 0;`,
    `for (const q of list) sum += d.denial(q.actor, "${action}", ${about}) === null ? 1 : 0;`,
  ];
  const loops = bodies.map((body) => make(body)(list, directory, floor, byHand, numbers, NOW));
  const [, ...sums] = loops.map((loop) => loop());
  if (new Set(sums).size !== 1) throw new Error(`${action}: the answers differ: ${sums}`);
  return loops;
}

function can() {
  head("question", "N", "floor", "by number", "by ids", "denial by ids", "by number / floor", "by ids / floor");
  for (const members of sizes) {
    const state = snapshot(members);
    const [directory, floor] = [new Directory(policy, state), new Organization(state)];
    for (const sort of SORTS) {
      const [hand, number, ids, denial] = compare(loopsOf(sort, directory, floor, questions(sort[1], members, COUNT)), COUNT);
      row(sort[0], members, ns(hand), ns(number), ns(ids), ns(denial), times(number / hand), times(ids / hand));
    }
    directory.dispose();
  }
}

function call() {
  // What a call into the engine costs that does next to nothing there: the number of an action that there is not.
  const directory = new Directory(policy, snapshot(10));
  const list = Array.from({ length: COUNT }, (_, at) => at);
  const empty = () => list.reduce((sum, at) => sum + at, 0);
  const crossing = () => list.reduce((sum, at) => sum + directory.denialNumber(at, NONE, 0, NONE, NONE, NOW), 0);
  console.log(`\nA call into the engine that ends at once: ${ns(compare([empty, crossing], COUNT)[0])}\n`);
}

function decide() {
  head("decide", "N", "objects", "texts");
  for (const members of sizes) {
    const directory = new Directory(policy, snapshot(members));
    const list = questions("remove", members, 256).map(({ actor, target }, number) => ({ tenantry: 1, id: `r${number}`, now: "2026-01-15T09:00:00Z", actor: { user: actor }, action: "member.remove", target }));
    const texts = list.map((request) => JSON.stringify(request));
    const loops = [
      () => list.reduce((sum, request) => sum + request.id.length, 0),
      () => list.reduce((sum, request) => sum + directory.decide(request).effect.length, 0),
      () => texts.reduce((sum, text) => sum + directory.decideJson(text).length, 0),
    ];
    row("member.remove", members, ...compare(loops, list.length, 11).map(ns));
    directory.dispose();
  }
}

function columns() {
  const members = sizes.at(-1);
  const state = snapshot(members);
  const [directory, floor, viewer] = [new Directory(policy, state), new Organization(state), userId(3)];
  const query = { actor: { user: viewer }, now: "2026-01-15T09:00:00Z", actions: ["member.remove", "member.set_roles", "member.deactivate"] };
  const [hand, ours] = compare([() => 0, () => floor.pageActions(viewer).length, () => directory.columns(query).actions.length], 1, 11);
  head("columns", "N", "floor's loop", "columns, sorted by name", "/ floor");
  row("three actions for each row", members, `${(hand / 1e6).toFixed(2)} ms`, `${(ours / 1e6).toFixed(2)} ms`, times(ours / hand));
  directory.dispose();
}

function memory() {
  const members = sizes.at(-1);
  const text = JSON.stringify(snapshot(members));
  globalThis.gc?.();
  const before = process.memoryUsage();
  const directory = new Directory(policy, text);
  globalThis.gc?.();
  const after = process.memoryUsage();
  const grown = (what) => `${((after[what] - before[what]) / 1e6).toFixed(1)} MB`;
  console.log(`\nA directory of ${members} members, of a snapshot of ${(text.length / 1e6).toFixed(1)} MB: ${grown("rss")} resident, ${grown("heapUsed")} of it in the heap of JavaScript\n`);
  directory.dispose();
}

function coldStart(processes = 21) {
  const empty = join(resolve(folder), "empty.mjs");
  writeFileSync(empty, "export {};\n");
  const source = (href) => `const start = performance.now(); const loaded = await import(${JSON.stringify(href)}); loaded.Policy?.preset; console.log(performance.now() - start);`;
  const importing = (href) => Number(spawnSync(process.execPath, ["--input-type=module", "--eval", source(href)], { encoding: "utf8" }).stdout);
  const [nothing, package_] = [[], []];
  for (let turn = 0; turn < processes; turn++) {
    nothing.push(importing(pathToFileURL(empty).href));
    package_.push(importing(entry));
  }
  head("cold start, Node", "an empty module", "the package", "more");
  row(process.version, ...[median(nothing), median(package_), median(package_) - median(nothing)].map((time) => `${time.toFixed(1)} ms`));
}

memory();
can();
call();
decide();
console.log();
columns();
console.log();
coldStart();
