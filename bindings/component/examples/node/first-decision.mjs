// A first decision: the only owner wants to leave.
import { membership } from './dist/tenantry.js';

const { Policy, Directory } = membership;

export function firstDecision() {
  const policy = Policy.preset('starter');
  const directory = Directory.load(policy, JSON.stringify({
    tenantry: 1,
    organization: 'acme',
    scopes: [{ id: 'acme', kind: 'organization' }],
    users: [{ id: 'ann' }, { id: 'bob' }],
    grants: [{ scope: 'acme', user: 'ann', role: 'owner' }, { scope: 'acme', user: 'bob', role: 'admin' }],
  }));
  return JSON.parse(directory.decide(JSON.stringify({
    tenantry: 1,
    id: 'r1',
    now: '2026-01-15T09:00:00Z',
    actor: { user: 'ann' },
    action: 'member.leave',
  })));
}

if (import.meta.filename === process.argv[1]) {
  const { effect, code, message } = firstDecision();
  console.log(`${effect} ${code}: ${message}`);
}
