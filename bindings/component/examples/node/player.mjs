// Plays a script that all hosts play (tests/README.md): node player.mjs SCRIPT ANSWERS
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { membership } from './dist/tenantry.js';

const { Policy, Directory, publicDecision, audit, codes } = membership;
const NOBODY = 0xffffffff;
const ASK = { decide: 'decide', explain: 'explain', can: 'can', denial: 'denial', permitted: 'permitted', page: 'page', who_can: 'whoCan' };

/** There is nothing to ask. */
const NONE = Symbol('none');

let policy, directory, kept, table;

/** What a handle stands for stays in the component until it is let go of. */
function letGoOfDirectory() {
  directory?.[Symbol.dispose]();
  directory = undefined;
}

function letGo() {
  letGoOfDirectory();
  policy?.[Symbol.dispose]();
  policy = table = undefined;
}

function begin(make) {
  letGo();
  policy = make();
  return JSON.stringify(policy.digest());
}

function load(text) {
  if (!policy) return NONE;
  letGoOfDirectory();
  directory = Directory.load(policy, text);
  return 'null';
}

function ask({ call, text, as }) {
  if (!directory) return NONE;
  if (as !== undefined) kept.delete(as);
  const answer = String(directory[ASK[call]](text));
  if (as !== undefined) kept.set(as, answer);
  return answer;
}

function apply({ decision, now }) {
  if (!directory || !kept.has(decision)) return NONE;
  directory.apply(kept.get(decision), now);
  return 'null';
}

function number({ actor, action, scope, target, role, now }) {
  if (!directory) return NONE;
  const at = directory.scopeNumber(scope);
  const denial = directory.denialNumber({
    actor: directory.userNumber(actor),
    action: policy.actionNumber(action),
    scope: at,
    target: target === null ? NOBODY : directory.userNumber(target),
    role: role === null ? NOBODY : directory.roleNumber(at, role),
    now: BigInt(now),
  });
  table ??= policy.denialTable();
  return denial === 0 ? 'null' : JSON.stringify(table[denial - 1].code);
}

function columns(text) {
  if (!directory) return NONE;
  const { denied, names, users, actions } = directory.columns(text);
  const ids = [...users].map((user) => directory.userId(user));
  return JSON.stringify({ actions: [...actions].map(Number), denied, names, users: ids });
}

const OPS = {
  case: ({ name }) => {
    letGo();
    kept = new Map();
    return name;
  },
  preset: ({ name }) => begin(() => Policy.preset(name)),
  policy: ({ text }) => begin(() => Policy.parse(text)),
  directory: ({ text }) => load(text),
  ask,
  apply,
  needs: ({ organization, text }) => (policy ? policy.needs(organization, text) : NONE),
  public: ({ decision }) => (kept.has(decision) ? publicDecision(kept.get(decision)) : NONE),
  audit: ({ decision }) => (kept.has(decision) ? audit(kept.get(decision)) : NONE),
  snapshot: () => (directory ? directory.snapshot() : NONE),
  number,
  columns: ({ text }) => columns(text),
  codes,
};

function answer(line) {
  try {
    const text = OPS[line.op](line);
    return text === NONE ? 'none' : `${line.op === 'case' ? 'case' : 'ok'} ${text}`;
  } catch (error) {
    if (typeof error?.document !== 'string') throw error;
    return `error ${error.document}`;
  }
}

/** The lines of a file. Not those of `node:readline`, for which U+2028 ends a line. */
function* lines(path) {
  const bytes = readFileSync(path);
  for (let start = 0, end; (end = bytes.indexOf(10, start)) >= 0; start = end + 1) yield bytes.toString('utf8', start, end);
}

const [script, answers] = process.argv.slice(2);
const out = openSync(answers, 'w');
let cases = 0;
for (const text of lines(script)) {
  const line = JSON.parse(text);
  cases += line.op === 'case';
  writeSync(out, `${answer(line)}\n`);
}
closeSync(out);
console.log(`${cases} cases`);
