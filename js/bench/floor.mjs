// The floor: the same rules as the policy that is measured, written by hand over maps keyed by ids, with a counter for the
// owners. This is the code that Tenantry is to be faster than. It is `crates/conformance/src/floor.rs` in JavaScript.
import { ROOT } from "./organization.mjs";

const RANKS = { member: 1, admin: 2, owner: 3 };
const { admin: ADMIN, owner: OWNER } = RANKS;

export class Organization {
  members = new Map();
  parents = new Map();
  owners = 0;
  people = [];

  constructor(snapshot) {
    for (const { id, parent } of snapshot.scopes) if (parent !== undefined) this.parents.set(id, parent === ROOT ? undefined : parent);
    for (const { id } of snapshot.users) {
      this.members.set(id, { role: RANKS.member, active: true, edits: [] });
      this.people.push(id);
    }
    for (const { scope, user, role } of snapshot.grants) {
      const member = this.members.get(user);
      if (scope !== ROOT) member.edits.push({ workspace: scope, until: undefined });
      else {
        member.role = RANKS[role];
        if (role === "owner") this.owners += 1;
      }
    }
  }

  canRemove(actor, target) {
    const by = this.members.get(actor);
    if (by === undefined || !by.active || by.role < ADMIN || actor === target) return false;
    const member = this.members.get(target);
    if (member === undefined || (by.role === ADMIN && member.role === OWNER)) return false;
    return member.role !== OWNER || this.owners > 1;
  }

  canSetRole(actor, target, role) {
    const by = this.members.get(actor);
    if (by === undefined || !by.active || by.role < ADMIN) return false;
    const member = this.members.get(target);
    if (member === undefined || (by.role === ADMIN && (member.role === OWNER || role > ADMIN))) return false;
    if (member.role === role) return true;
    return actor !== target && (member.role !== OWNER || this.owners > 1);
  }

  canEdit(actor, workspace, now) {
    const member = this.members.get(actor);
    if (member === undefined || !member.active || member.edits.length === 0) return false;
    for (let at = workspace; at !== undefined; at = this.parents.get(at))
      for (const edit of member.edits) if (edit.workspace === at && (edit.until === undefined || now < edit.until)) return true;
    return false;
  }

  /** The actions of every member, in the order of the members: the page's loop and nothing else. */
  pageActions(viewer) {
    const bits = new Uint8Array(this.people.length);
    for (let row = 0; row < bits.length; row++) {
      const target = this.people[row];
      // Three questions, as there are three actions.
      bits[row] = Number(this.canRemove(viewer, target)) | (Number(this.canRemove(viewer, target)) << 1) | (Number(this.canRemove(viewer, target)) << 2);
    }
    return bits;
  }
}

export const ROLE_ADMIN = ADMIN;
