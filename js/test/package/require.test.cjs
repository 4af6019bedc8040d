const assert = require("node:assert/strict");
const { test } = require("node:test");

test("`require` gives the same package as `import`", async () => {
  const required = require("tenantry");
  const imported = await import("tenantry");
  assert.equal(required.Policy, imported.Policy);
  assert.equal(required.Policy.preset("starter").name, "starter");
});
