/// <reference lib="esnext.disposable" preserve="true" />
import * as engine from "./engine.js";
import type { Actor, Page, PermittedQuery, Snapshot } from "./documents.js";
import { asked, TenantryError } from "./error.js";
import type { Names } from "./names.js";
import { isTime, Numbers } from "./numbers.js";
import { engineOf, type Policy } from "./policy.js";
import type { About, Decision, Denial, Explanation, PageQuery, Request, Verdict, WhoCanQuery } from "./questions.js";

/** The members of a page as arrays of numbers: row `i` is the user `users[i]`, who may be done `actions[i]`. */
export interface Columns<N extends Names = Names> {
  /** Why no members are shown, if none are: the code of `member.list`. */
  readonly denied?: string;
  /** The actions that the bits stand for: bit 0 is the first. */
  readonly names: ReadonlyArray<N["action"]>;
  /** Users by number: `directory.userId(number)`. */
  readonly users: Uint32Array;
  /** Bits of actions, 53 at most. `&` looks at the first 32. */
  readonly actions: Float64Array;
}

type Call = "decide" | "explain" | "can" | "denial" | "permitted" | "page" | "who_can";

let calls: readonly string[] | undefined;

/** The number of a call in the engine. */
function numberOf(call: Call): number {
  calls ??= JSON.parse(engine.calls()) as string[];
  return calls.indexOf(call);
}

/** The state of one organization under a policy, indexed, cheap to ask. */
export class Directory<N extends Names = Names> {
  #engine: engine.Directory | undefined;
  readonly #numbers: Numbers;
  /** The policy. */
  readonly policy: Policy<N>;
  /** The organization's id, which is that of its scope. */
  readonly organization: string;

  /** From a snapshot: an object, or a text in JSON. */
  constructor(policy: Policy<N>, snapshot: Snapshot | string) {
    const text = typeof snapshot === "string" ? snapshot : JSON.stringify(snapshot);
    const loaded = asked(() => new engine.Directory(engineOf(policy), text));
    this.#engine = loaded;
    this.policy = policy;
    this.organization = loaded.organization();
    this.#numbers = new Numbers(loaded, this.organization);
  }

  /** Decides a request. Nothing has changed until `apply`. */
  decide(request: Request<N>): Decision {
    return JSON.parse(this.decideJson(JSON.stringify(request))) as Decision;
  }

  /** The same from JSON to canonical JSON. */
  decideJson(request: string): string {
    return this.#ask("decide", request);
  }

  /** Makes an allowed decision true. One that is stale or late is refused with the answer that it has now. */
  apply(decision: Decision, now: number | string): void {
    this.applyJson(JSON.stringify(decision), now);
  }

  /** The same for a decision in JSON. */
  applyJson(decision: string, now: number | string): void {
    const directory = this.#alive();
    asked(() => directory.apply(decision, written(now)));
    this.#numbers.forgetRoles();
  }

  /** Every rule that was tried, the condition that failed first, the nearest miss. */
  explain(request: Request<N>): Explanation {
    return JSON.parse(this.explainJson(JSON.stringify(request))) as Explanation;
  }

  /** The same from JSON to canonical JSON. */
  explainJson(request: string): string {
    return this.#ask("explain", request);
  }

  /** Whether nothing speaks against the action: the hot path, by ids. The actor is the id of a user, or an actor of any sort. */
  can(actor: string | Actor, action: N["action"], about: About<N>): boolean {
    const denial = this.#alive() && this.#numbers.denial(actor, action, about);
    return denial === undefined ? (JSON.parse(this.canJson(question(actor, action, about))) as boolean) : denial === 0;
  }

  /** The same from JSON to JSON. */
  canJson(query: string): string {
    return this.#ask("can", query);
  }

  /** What speaks against the action: `null` if nothing does. */
  denial(actor: string | Actor, action: N["action"], about: About<N>): Denial | null {
    const denial = this.#alive() && this.#numbers.denial(actor, action, about);
    if (denial !== undefined) return this.policy.denials[denial] ?? null;
    return JSON.parse(this.denialJson(question(actor, action, about))) as Denial | null;
  }

  /** The same from JSON to canonical JSON. */
  denialJson(query: string): string {
    return this.#ask("denial", query);
  }

  /**
   * Whether nothing speaks against the action: the hot path, by numbers. `NONE` for no target, for no role. It is for states that hold
   * the whole organization, and for actions of members: ask about slices and of invitees by ids.
   */
  canNumbers(actor: number, action: number, scope: number, target: number, role: number, now: number): boolean {
    return this.denialNumber(actor, action, scope, target, role, now) === 0;
  }

  /** What speaks against the action, as a place in `policy.denials`: 0 if nothing does. `NONE` for no target, for no role. */
  denialNumber(actor: number, action: number, scope: number, target: number, role: number, now: number): number {
    const directory = this.#engine ?? this.#alive();
    return isTime(now) ? directory.denial(actor, action, scope, target, role, now) : timed(now);
  }

  /** The number of a user. It stays good as long as the directory, whatever becomes of the user. */
  user(id: string): number {
    return this.#alive().user(id);
  }

  /** The id of a user. */
  userId(number: number): string | undefined {
    return this.#alive().userId(number);
  }

  /** The number of a scope. */
  scope(id: string): number {
    return this.#alive().scope(id);
  }

  /** The number of a role at a scope. */
  role(scope: number, name: N["role"]): number {
    return this.#alive().role(scope, name);
  }

  /** Every action with its verdict: what a row menu shows, with the reason for what it greys out. */
  permitted(query: PermittedQuery): Verdict<N>[] {
    return JSON.parse(this.permittedJson(JSON.stringify(query))) as Verdict<N>[];
  }

  /** The same from JSON to canonical JSON. */
  permittedJson(query: string): string {
    return this.#ask("permitted", query);
  }

  /** Members and invitations as the page shows them, with the actions that each row permits. */
  page(query: PageQuery<N>): Page {
    return JSON.parse(this.pageJson(JSON.stringify(query))) as Page;
  }

  /** The same from JSON to canonical JSON. */
  pageJson(query: string): string {
    return this.#ask("page", query);
  }

  /** The members of a page as arrays of numbers. */
  columns(query: PageQuery<N>): Columns<N> {
    return this.columnsJson(JSON.stringify(query));
  }

  /** The same for a question in JSON. */
  columnsJson(query: string): Columns<N> {
    const directory = this.#alive();
    const columns = asked(() => directory.columns(query));
    const denied = columns.denied();
    const names = JSON.parse(columns.names()) as N["action"][];
    const answer = { names, users: columns.users(), actions: columns.actions() };
    columns.free();
    return denied === undefined ? answer : { denied, ...answer };
  }

  /** The users who could do it, as far as the viewer may see them. */
  whoCan(query: WhoCanQuery<N>): string[] {
    return JSON.parse(this.whoCanJson(JSON.stringify(query))) as string[];
  }

  /** The same from JSON to canonical JSON. */
  whoCanJson(query: string): string {
    return this.#ask("who_can", query);
  }

  /** The state. */
  snapshot(): Snapshot {
    return JSON.parse(this.snapshotJson()) as Snapshot;
  }

  /** The same as canonical JSON. */
  snapshotJson(): string {
    const directory = this.#alive();
    return asked(() => directory.snapshot());
  }

  /** Frees the memory at once; otherwise it is freed some time after the directory is out of reach. */
  dispose(): void {
    this.#engine?.free();
    this.#engine = undefined;
  }

  /** The same, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #ask(call: Call, text: string): string {
    const directory = this.#alive();
    return asked(() => directory.ask(numberOf(call), text));
  }

  #alive(): engine.Directory {
    if (this.#engine === undefined) throw TenantryError.of("disposed", "the directory is disposed");
    return this.#engine;
  }
}

/** The question as a document. */
function question(actor: string | Actor, action: string, about: About): string {
  return JSON.stringify({ ...about, now: written(about.now), action, actor: typeof actor === "string" ? { user: actor } : actor });
}

/** A time as documents have it. */
function written(now: number | string): string {
  if (typeof now !== "number") return now;
  return Number.isNaN(new Date(now).getTime()) ? String(now) : new Date(now).toISOString();
}

/** Refuses what is no time. */
function timed(now: number): never {
  asked(() => engine.time(written(now)));
  throw TenantryError.of("internal", "not a number of milliseconds");
}
