// What the projects ask of the package, from wherever they have it: an admin wants to remove a member and an owner, and the last
// owner to step down. One decision a line.
import policy from "./examples/policy.json" with { type: "json" };
import question from "./question.json" with { type: "json" };

export function decisions({ Directory, Policy }) {
  const directory = new Directory(Policy.parse(policy), question.snapshot);
  return question.requests.map((request) => directory.decideJson(JSON.stringify(request))).join("\n");
}
