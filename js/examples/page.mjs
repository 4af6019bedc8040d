// @ts-check
// The members of an organization. What the server would refuse is grey, with the reason as tooltip: policy and state are the
// server's own, so the answers are too. The server decides all the same; the page only spares people the refusal.
import { Directory, Policy } from "tenantry";

/** @import { Denial, InvitationLine, MemberLine } from "tenantry" */
/** @typedef {{ action: string, target?: string, roles?: string[], invitation?: string, email?: string }} Wanted */

const SERVICE = "/organizations/acme";
const user = new URLSearchParams(location.search).get("user") ?? "";
const actor = { user };

const policy = Policy.parse(await (await fetch("/policy")).text());
const roles = Object.keys(policy.document().roles?.organization ?? {});

/** @type {Directory} */
let directory;

/** @param {string} path @param {object} [body] @returns {Promise<any>} */
async function call(path, body) {
  const response = await fetch(SERVICE + path, { method: body ? "POST" : "GET", headers: { "x-user": user }, body: body && JSON.stringify(body) });
  return response.json();
}

/** Shows a sentence.
 * @param {string} sentence */
const say = (sentence) => (element("[role=status]").textContent = sentence);

/** @param {string} selector @returns {HTMLElement} */
const element = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

/** A button for a request: grey if something speaks against it.
 * @param {string} text @param {Pick<Denial, "message"> | null} denial @param {Wanted} wanted */
function button(text, denial, wanted) {
  const made = document.createElement("button");
  made.textContent = text;
  made.disabled = denial !== null;
  made.title = denial?.message ?? "";
  made.dataset.wanted = JSON.stringify(wanted);
  made.onclick = () => send(wanted);
  return made;
}

/** Asks the server, with a question to the person before somebody is removed, and shows the state as it is then.
 * @param {Wanted} wanted */
async function send(wanted) {
  let answer;
  if (wanted.action === "project.create") answer = await call("/projects", {});
  else if (wanted.action === "member.remove") answer = await confirmed(wanted);
  else if (wanted.action === "invitation.create") answer = await call("/requests", { ...wanted, email: /** @type {HTMLInputElement} */ (element("input")).value });
  else answer = await call("/requests", wanted);
  await show();
  say(answer.message ?? "Done.");
}

/** @param {Wanted} wanted */
async function confirmed(wanted) {
  const decision = await call("/decisions", wanted);
  if (decision.effect === "deny") return decision;
  return confirm(`Remove ${wanted.target}?`) ? call(`/decisions/${decision.id}`, {}) : { message: "Nothing was changed." };
}

/** What stands against an action about a member, or (without one) about the organization.
 * @param {string} action @param {string} [target] */
function against(action, target) {
  const verdict = directory.permitted({ actor, now: now(), target }).find((one) => one.action === action);
  if (verdict === undefined) return { message: "Nobody may do this." };
  return verdict.allowed ? null : verdict;
}

const now = () => new Date().toISOString();

/** @param {MemberLine} line */
function memberRow({ user: target, name, email, roles: held = [] }) {
  const remove = button("Remove", against("member.remove", target), { action: "member.remove", target });
  const other = roles.filter((role) => !held.includes(role));
  const make = other.map((role) => {
    const denial = directory.denial(user, "member.set_roles", { now: now(), target, role });
    return button(`Make ${role}`, denial, { action: "member.set_roles", target, roles: [role] });
  });
  return row([name ?? target, email ?? "", held.join(", ")], [...make, remove]);
}

/** @param {InvitationLine} line */
function invitationRow({ invitation, email, scopes }) {
  const denial = directory.denial(user, "invitation.revoke", { now: now(), invitation });
  const offered = scopes.flatMap((scope) => scope.roles.map((role) => (typeof role === "string" ? role : role.role)));
  return row([email ?? "", "invited", offered.join(", ")], [button("Withdraw", denial, { action: "invitation.revoke", invitation })]);
}

/** @param {string[]} texts @param {HTMLElement[]} buttons */
function row(texts, buttons) {
  const made = document.createElement("tr");
  for (const text of texts) made.insertCell().textContent = text;
  made.insertCell().append(...buttons);
  return made;
}

/** Draws everything anew, from the state as the server has it. */
async function show() {
  const state = await call("/snapshot");
  if (state.effect === "deny") return say(state.message);
  directory?.dispose();
  directory = new Directory(policy, state);
  const { members, invitations } = directory.page({ actor, now: now() });
  element("tbody").replaceChildren(...members.map(memberRow), ...invitations.map(invitationRow));
  element("#actions").replaceChildren(button("Create a project", against("project.create"), { action: "project.create" }));
  const invite = (/** @type {string} */ role) => button(`as ${role}`, directory.denial(user, "invitation.create", { now: now(), role }), { action: "invitation.create", roles: [role] });
  element("#invite").replaceChildren(element("#invite label"), ...roles.map(invite));
}

await show();
document.body.dataset.ready = "";
