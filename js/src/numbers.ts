import * as engine from "./engine.js";
import type { Actor } from "./documents.js";
import { asked } from "./error.js";
import { NONE } from "./none.js";
import type { About } from "./questions.js";

/** The first number of what does not exist, and of `NONE`. */
const UNKNOWN = 0xffff_fffe;

const FIRST = Date.parse("0000-01-01T00:00:00.000Z");
const LAST = Date.parse("9999-12-31T23:59:59.999Z");

/** Whether documents can name the time. @internal */
export function isTime(milliseconds: number): boolean {
  return milliseconds >= FIRST && milliseconds <= LAST;
}

/** Numbers from here on are those of custom roles, which come and go. */
const CUSTOM_ROLES = 64;

/** Names to numbers, so that a question by names costs hardly more than one by numbers. @internal */
export class Numbers {
  readonly #engine: engine.Directory;
  readonly #root: number;
  readonly #users = new Map<string, number>();
  readonly #scopes = new Map<string, number>();
  readonly #actions = new Map<string, number>();
  #roles = new Map<string, Map<number, number>>();
  #text = "";
  #time = 0;

  constructor(directory: engine.Directory, organization: string) {
    this.#engine = directory;
    this.#root = directory.scope(organization);
  }

  /** A scope that is deleted can come again with another kind, and other roles. */
  forgetRoles(): void {
    this.#roles = new Map();
  }

  /** What speaks against an action, by number; `undefined` if that has to be asked with the whole question. */
  denial(actor: string | Actor, action: string, about: About): number | undefined {
    if (typeof actor !== "string") return undefined;
    for (const word in about) {
      if (word !== "now" && word !== "target" && word !== "scope" && word !== "role") return undefined;
    }
    const { now, target, scope, role } = about;
    const verb = this.#actions.get(action) ?? this.#action(action);
    const at = scope === undefined ? this.#root : (this.#scopes.get(scope) ?? this.#scope(scope));
    if (at === undefined) return undefined;
    const by = this.#users.get(actor) ?? this.#user(actor);
    const whom = target === undefined ? NONE : (this.#users.get(target) ?? this.#user(target));
    const given = role === undefined ? NONE : (this.#roles.get(role)?.get(at) ?? this.#role(at, role));
    const when = typeof now === "number" ? now : this.#milliseconds(now);
    if (verb === NONE || whom === undefined || given === undefined || !isTime(when)) return undefined;
    return this.#engine.denial(by as number, verb, at, whom, given, when);
  }

  #action(name: string): number {
    const number = typeof name === "string" ? (this.#engine.action(name) ?? NONE) : NONE;
    if (number !== NONE) this.#actions.set(name, number);
    return number;
  }

  #user(id: string): number | undefined {
    if (typeof id !== "string") return undefined;
    const number = this.#engine.user(id);
    if (number < UNKNOWN) this.#users.set(id, number);
    return number;
  }

  #scope(id: string): number | undefined {
    if (typeof id !== "string") return undefined;
    const number = this.#engine.scope(id);
    if (number < UNKNOWN) this.#scopes.set(id, number);
    return number;
  }

  #role(scope: number, name: string): number | undefined {
    if (typeof name !== "string") return undefined;
    const number = this.#engine.role(scope, name);
    if (number < CUSTOM_ROLES) {
      const known = this.#roles.get(name) ?? new Map<number, number>();
      this.#roles.set(name, known.set(scope, number));
    }
    return number;
  }

  #milliseconds(now: string): number {
    if (typeof now !== "string") return Number.NaN;
    if (now !== this.#text) {
      this.#time = asked(() => engine.time(now));
      this.#text = now;
    }
    return this.#time;
  }
}
