const { Directory, Policy } = require("tenantry");

const policy = require("../examples/policy.json");
const { snapshot, requests } = require("../question.json");

const directory = new Directory(Policy.parse(policy), snapshot);
console.log(requests.map((request) => directory.decideJson(JSON.stringify(request))).join("\n"));
