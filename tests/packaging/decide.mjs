// What the projects ask: an admin wants to remove a member and an owner, and the last owner to step down. One decision a line.
import { Directory, Policy } from "tenantry";

import policy from "./examples/policy.json" with { type: "json" };
import question from "./question.json" with { type: "json" };

export function decisions() {
  const directory = new Directory(Policy.parse(policy), question.snapshot);
  return question.requests.map((request) => directory.decideJson(JSON.stringify(request))).join("\n");
}
