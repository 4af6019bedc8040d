// @ts-check
// A service that lets Tenantry decide who may do what, with a page that knows it beforehand. `server.mjs` starts it.
//
// A request is one step: decide, make it true, write it down. A denial is 403 with what the actor may know of it; a decision that
// somebody confirmed too late is 409 with the answer as it is now.
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { audit, Directory, Policy, publicDecision, TenantryError } from "tenantry";

/** @import { AuditRecord, Decision, Obligation, Request, Snapshot } from "tenantry" */
/** @typedef {{ directory: Directory, records: AuditRecord[], outbox: Obligation[], shown: Map<string, Decision> }} Organization */

const POLICY = readFileSync(process.env.POLICY ?? new URL("../../tests/packaging/examples/policy.json", import.meta.url), "utf8");
const policy = Policy.parse(POLICY);

/** An organization in memory. With a database, state and records are written in the transaction that the state was read in.
 * @param {Snapshot} snapshot @returns {Organization} */
const open = (snapshot) => ({ directory: new Directory(policy, snapshot), records: [], outbox: [], shown: new Map() });

/** What a client wants. What it may not claim is said here: who asks and when, nothing in `context`, and of roles the names alone.
 * @param {string} user @param {any} wanted @returns {Request} */
function requestOf(user, wanted) {
  const { action, target, roles, email, invitation } = wanted ?? {};
  return { tenantry: 1, id: crypto.randomUUID(), now: now(), actor: { user }, action, target, roles: names(roles), email, invitation };
}

/** @param {any} roles */
const names = (roles) => (Array.isArray(roles) ? roles.map(String) : roles);

const now = () => new Date().toISOString();

/** Makes a decision true and writes it down. What is denied is on record as well.
 * @param {Organization} organization @param {Decision} decision */
function carryOut({ directory, records, outbox }, decision) {
  if (decision.effect === "allow") directory.apply(decision, now());
  records.push(...audit(decision));
  outbox.push(...(decision.obligations ?? [])); // mails to send, sessions to end
}

/** What the actor may see of a decision.
 * @param {Decision} decision @param {object} [more] @param {number} [status] */
const answer = (decision, more, status = decision.effect === "allow" ? 200 : 403) => Response.json({ ...publicDecision(decision), ...more }, { status });

/** The service for these organizations.
 * @param {Snapshot[]} snapshots */
export function service(snapshots) {
  const organizations = new Map(snapshots.map((snapshot) => [snapshot.organization, open(snapshot)]));
  /** One that does not exist is one without members: nobody learns which ones there are.
   * @param {string} id */
  const find = (id) => organizations.get(id) ?? open({ tenantry: 1, organization: id });
  /** Who asks: a real service reads it from its session.
   * @param {{ req: { header(name: string): string | undefined } }} context */
  const session = (context) => context.req.header("x-user") ?? "";

  const app = new Hono();

  // Any membership action: { "action": "member.remove", "target": "bob" }
  app.post("/organizations/:organization/requests", async (context) => {
    const organization = find(context.req.param("organization"));
    const decision = organization.directory.decide(requestOf(session(context), await context.req.json()));
    carryOut(organization, decision);
    return answer(decision);
  });

  // The same in two steps, for what people confirm first: the decision that they see is the one that comes true, or none does.
  app.post("/organizations/:organization/decisions", async (context) => {
    const organization = find(context.req.param("organization"));
    const decision = organization.directory.decide(requestOf(session(context), await context.req.json()));
    if (decision.effect === "deny") carryOut(organization, decision);
    else organization.shown.set(session(context), decision); // the last one of each user
    return answer(decision, { id: decision.request.id });
  });
  app.post("/organizations/:organization/decisions/:id", (context) => {
    const organization = find(context.req.param("organization"));
    const decision = organization.shown.get(session(context));
    if (decision?.request.id !== context.req.param("id")) return context.notFound();
    organization.shown.delete(session(context));
    carryOut(organization, decision);
    return answer(decision);
  });

  // An action of the product itself, under the same policy.
  app.post("/organizations/:organization/projects", (context) => {
    const organization = find(context.req.param("organization"));
    const decision = organization.directory.decide(requestOf(session(context), { action: "project.create" }));
    carryOut(organization, decision);
    return answer(decision, decision.effect === "allow" ? { project: crypto.randomUUID() } : {});
  });

  // What the page works with: the policy, and the state as far as the viewer may see it.
  app.get("/policy", () => new Response(POLICY, { headers: { "content-type": "application/json" } }));
  app.get("/organizations/:organization/snapshot", (context) => {
    const { directory } = find(context.req.param("organization"));
    const denial = directory.denial(session(context), "member.list", { now: now() });
    if (denial) return context.json({ effect: "deny", ...denial }, 403);
    const { ended, invitations, ...seen } = directory.snapshot();
    return context.json(directory.can(session(context), "invitation.list", { now: now() }) ? { ...seen, invitations } : seen);
  });
  app.use("/tenantry/*", serveStatic({ root: dirname(fileURLToPath(import.meta.resolve("tenantry"))), rewriteRequestPath: (path) => path.slice("/tenantry".length) }));
  app.get("/page.mjs", serveStatic({ root: import.meta.dirname }));
  app.get("/", serveStatic({ root: import.meta.dirname, path: "page.html" }));

  app.onError((error) => {
    if (error instanceof SyntaxError) return Response.json({ code: "bad_document", message: error.message }, { status: 400 });
    if (!(error instanceof TenantryError)) throw error;
    if (error.fresh && !(error.fresh instanceof TenantryError)) return answer(error.fresh, {}, 409);
    return Response.json({ code: error.code, message: error.message, path: error.path }, { status: error.fresh ? 409 : 400 });
  });
  return app;
}
