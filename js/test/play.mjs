// Plays the lines of a script on the package and gives an answer to each: with the public interface and nothing else.

const CALLS = { decide: "decideJson", explain: "explainJson", can: "canJson", denial: "denialJson", permitted: "permittedJson", page: "pageJson", who_can: "whoCanJson" };

/** The answers to the lines, and how many cases there were. */
export function play(tenantry, lines) {
  const player = new Player(tenantry);
  const answers = lines.map((line) => player.play(JSON.parse(line)));
  return { answers, cases: player.cases };
}

class Player {
  cases = 0;
  #tenantry;
  #policy;
  #directory;
  #kept = new Map();

  constructor(tenantry) {
    this.#tenantry = tenantry;
  }

  play(line) {
    try {
      const answer = this.#answer(line);
      return answer === undefined ? "none" : line.op === "case" ? answer : `ok ${answer}`;
    } catch (error) {
      if (error instanceof this.#tenantry.TenantryError) return `error ${error.json}`;
      throw error;
    }
  }

  #answer(line) {
    const { Policy, Directory, publicDecisionJson, auditJson, codesJson } = this.#tenantry;
    const [policy, directory, decision] = [this.#policy, this.#directory, this.#kept.get(line.decision)];
    switch (line.op) {
      case "case": return this.#begin(line.name);
      case "preset": return this.#under(() => Policy.preset(line.name));
      case "policy": return this.#under(() => Policy.parse(line.text));
      case "directory": return policy && this.#state(() => new Directory(policy, line.text));
      case "ask": return directory && this.#ask(line);
      case "apply": return directory && decision && (directory.applyJson(decision, line.now), "null");
      case "needs": return policy?.needsJson(line.organization, line.text);
      case "public": return decision && publicDecisionJson(decision);
      case "audit": return decision && auditJson(decision);
      case "snapshot": return directory?.snapshotJson();
      case "number": return directory && this.#number(line);
      case "columns": return directory && this.#columns(line.text);
      case "codes": return codesJson();
      default: throw new Error(`no line is called ${line.op}`);
    }
  }

  #begin(name) {
    this.cases += 1;
    this.#directory?.dispose();
    this.#policy?.dispose();
    [this.#policy, this.#directory] = [undefined, undefined];
    this.#kept.clear();
    return `case ${name}`;
  }

  #under(make) {
    [this.#policy, this.#directory] = [undefined, undefined];
    this.#policy = make();
    return JSON.stringify(this.#policy.digest);
  }

  #state(make) {
    this.#directory = undefined;
    this.#directory = make();
    return "null";
  }

  #ask({ call, text, as }) {
    if (as !== undefined) this.#kept.delete(as);
    const answer = this.#directory[CALLS[call]](text);
    if (as !== undefined) this.#kept.set(as, answer);
    return answer;
  }

  #number({ actor, action, scope, target, role, now }) {
    const { NONE } = this.#tenantry;
    const [directory, at] = [this.#directory, this.#directory.scope(scope)];
    const whom = target === null ? NONE : directory.user(target);
    const given = role === null ? NONE : directory.role(at, role);
    const denial = directory.denialNumber(directory.user(actor), directory.policy.action(action), at, whom, given, now);
    return JSON.stringify(directory.policy.denials[denial]?.code ?? null);
  }

  #columns(text) {
    const { denied, names, users, actions } = this.#directory.columnsJson(text);
    const ids = Array.from(users, (user) => this.#directory.userId(user) ?? null);
    // The keys stand sorted; `denied` is left out where there is none.
    return JSON.stringify({ actions: Array.from(actions), denied, names, users: ids });
  }
}
