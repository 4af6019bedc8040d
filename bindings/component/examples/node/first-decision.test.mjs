import assert from 'node:assert/strict';
import { test } from 'node:test';
import { membership } from './dist/tenantry.js';
import { firstDecision } from './first-decision.mjs';

const { Policy, Directory } = membership;
const SNAPSHOT = JSON.stringify({
  tenantry: 1,
  organization: 'acme',
  scopes: [{ id: 'acme', kind: 'organization' }],
  users: [{ id: 'ann' }],
  grants: [{ scope: 'acme', user: 'ann', role: 'owner' }],
});

/** What a call throws. */
function thrown(call) {
  try {
    call();
  } catch (error) {
    return error;
  }
  assert.fail('nothing was thrown');
}

test('the last owner cannot leave', () => {
  const { effect, code, message } = firstDecision();
  assert.deepEqual({ effect, code, message }, { effect: 'deny', code: 'below_minimum', message: 'Make another person owner first.' });
});

test('what is malformed is an error with a code, and the next call works', () => {
  const error = thrown(() => Policy.preset('startr'));
  assert.equal(error.code, 'unknown_preset');
  assert.equal(JSON.parse(error.document).message, error.message);
  const policy = Policy.preset('starter');
  assert.equal(thrown(() => Directory.load(policy, '['.repeat(10_000_000))).code, 'bad_document');
  const directory = Directory.load(policy, SNAPSHOT);
  assert.equal(thrown(() => directory.decide('['.repeat(10_000_000))).code, 'out_of_bounds');
  assert.equal(JSON.parse(directory.snapshot()).organization, 'acme');
});

test('numbers say the same as texts', () => {
  const policy = Policy.preset('starter');
  const directory = Directory.load(policy, SNAPSHOT);
  const nobody = 0xffffffff;
  const now = Date.parse('2026-01-15T09:00:00Z');
  const asked = {
    actor: directory.userNumber('ann'),
    action: policy.actionNumber('member.leave'),
    scope: directory.scopeNumber('acme'),
    target: nobody,
    role: nobody,
    now: BigInt(now),
  };
  const number = directory.denialNumber(asked);
  const question = JSON.stringify({ actor: { user: 'ann' }, action: 'member.leave', now: new Date(now).toISOString() });
  assert.deepEqual(policy.denialTable()[number - 1], JSON.parse(directory.denial(question)));
  assert.equal(directory.can(question), false);
  assert.deepEqual([...directory.denials([asked, { ...asked, action: policy.actionNumber('member.list') }])], [number, 0]);
});
