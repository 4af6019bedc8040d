// The example server and its page, over HTTP and in Chromium: what the page greys out is what the server refuses, and nothing else.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { serve } from "@hono/node-server";

import { service } from "../../js/examples/service.mjs";
import { browser } from "./browser.mjs";
import { outcome } from "./programs.mjs";

const EXAMPLES = new URL("../../js/examples/", import.meta.url);
const ACME = JSON.parse(readFileSync(new URL("organization.json", EXAMPLES), "utf8"));

let opened;
before(async () => (opened = await browser()));
after(() => opened?.close());

/** A server of its own, for as long as `use` takes. */
async function served(use) {
  const server = serve({ fetch: service([ACME]).fetch, hostname: "127.0.0.1", port: 0 });
  if (!server.listening) await once(server, "listening");
  try {
    return await use(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function post(url, user, path, body) {
  const response = await fetch(`${url}/organizations/acme${path}`, { method: "POST", headers: { "x-user": user }, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

/** The page as somebody sees it. */
async function seen(url, user) {
  const page = await opened.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(error));
  await page.goto(`${url}/?user=${user}`);
  await page.locator("body[data-ready]").waitFor();
  assert.deepEqual(faults, []);
  return page;
}

const buttons = (page) =>
  page.locator("button").evaluateAll((all) => all.map(({ disabled, title, dataset }) => ({ grey: disabled, title, wanted: JSON.parse(dataset.wanted) })));

const names = (page) => page.locator("td:first-child").allTextContents();

/** What the server says when it is asked all the same. */
function asked(user, wanted) {
  const path = wanted.action === "project.create" ? "/projects" : "/requests";
  const body = wanted.action === "invitation.create" ? { ...wanted, email: "new@acme.example" } : wanted;
  return served((url) => post(url, user, path, body));
}

for (const [user, grey, clear] of [
  ["ann", 3, 21],
  ["bob", 16, 8],
  ["cem", 22, 0],
]) {
  test(`what is grey for ${user} is refused by the server, and what is not is allowed`, async () => {
    const shown = await served(async (url) => buttons(await seen(url, user)));
    for (const button of shown) {
      const { status, body } = await asked(user, button.wanted);
      const place = `${user}: ${JSON.stringify(button.wanted)}`;
      assert.equal(status, button.grey ? 403 : 200, place);
      assert.equal(body.effect, button.grey ? "deny" : "allow", place);
      assert.equal(button.title, button.grey ? body.message : "", place);
      assert.equal(body.reasons, undefined, place);
    }
    assert.deepEqual([shown.filter((button) => button.grey).length, shown.filter((button) => !button.grey).length], [grey, clear]);
  });
}

test("who does not belong to the organization sees nothing, and learns nothing", () =>
  served(async (url) => {
    const page = await seen(url, "zoe");
    assert.deepEqual([await buttons(page), await names(page)], [[], []]);
    assert.notEqual(await page.locator("[role=status]").textContent(), "");
    const [here, nowhere] = await Promise.all(
      ["acme", "nowhere"].map(async (organization) => {
        const response = await fetch(`${url}/organizations/${organization}/snapshot`, { headers: { "x-user": "zoe" } });
        return [response.status, await response.text()];
      }),
    );
    assert.equal(here[0], 403);
    assert.deepEqual(here, nowhere);
  }));

test("a removal shows up, here and for others", () =>
  served(async (url) => {
    const [ann, bob] = [await seen(url, "ann"), await seen(url, "bob")];
    ann.on("dialog", (dialog) => dialog.accept());
    assert.ok((await names(bob)).includes("Cem Çelik"));
    await ann.locator("tr", { hasText: "Cem Çelik" }).getByText("Remove").click();
    await ann.getByText("Done.").waitFor();
    assert.ok(!(await names(ann)).includes("Cem Çelik"));
    assert.equal((await names(ann)).length, 7);
    await bob.reload();
    await bob.locator("body[data-ready]").waitFor();
    assert.ok(!(await names(bob)).includes("Cem Çelik"));
    assert.equal((await post(url, "cem", "/requests", { action: "member.list" })).status, 403);
  }));

test("two owners who remove each other at once: the later one is 409, with the answer as it is now", () =>
  served(async (url) => {
    const ann = await seen(url, "ann");
    const status = new Promise((done) => ann.on("response", (response) => response.url().includes("/decisions/") && done(response.status())));
    ann.on("dialog", async (dialog) => {
      assert.equal((await post(url, "olu", "/requests", { action: "member.remove", target: "ann" })).status, 200);
      await dialog.accept();
    });
    await ann.locator("tr", { hasText: "Olu Adeyemi" }).getByText("Remove").click();
    assert.equal(await status, 409);
    assert.equal((await post(url, "olu", "/requests", { action: "member.list" })).status, 200);
  }));

test("what is confirmed twice, or by somebody else, is not found", () =>
  served(async (url) => {
    const shown = await post(url, "ann", "/decisions", { action: "member.remove", target: "dan" });
    assert.equal(shown.status, 200);
    const confirm = (user) => fetch(`${url}/organizations/acme/decisions/${shown.body.id}`, { method: "POST", headers: { "x-user": user } });
    const statuses = [];
    for (const user of ["bob", "ann", "ann"]) statuses.push((await confirm(user)).status);
    assert.deepEqual(statuses, [404, 200, 404]);
  }));

test("a client cannot say who it is, and what is malformed is 400", () =>
  served(async (url) => {
    const claimed = { action: "member.remove", target: "dan", actor: { user: "ann" }, context: { mfa: true }, confirmed: true };
    assert.equal((await post(url, "cem", "/requests", claimed)).status, 403);
    const promote = { action: "member.set_roles", target: "dan" };
    for (const body of [{ action: "member.remov" }, { action: 5 }, null, {}, { action: "member.remove" }, { ...promote, roles: "admin" }, { ...promote, roles: 5 }])
      assert.equal((await post(url, "ann", "/requests", body)).status, 400, JSON.stringify(body));
    assert.equal((await post(url, "ann", "/requests", { ...promote, roles: [{ role: "admin", source: "scim" }] })).body.effect, "deny");
    const broken = await fetch(`${url}/organizations/acme/requests`, { method: "POST", headers: { "x-user": "ann" }, body: "{" });
    assert.equal(broken.status, 400);
  }));

test("the command that starts the server says where it is", async () => {
  const server = spawn(process.execPath, ["server.mjs"], { cwd: EXAMPLES, env: { ...process.env, PORT: "0" }, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [address] = await once(server.stdout.setEncoding("utf8"), "data");
    const page = await fetch(address.trim());
    assert.match(await page.text(), /Users &amp; Access/);
  } finally {
    server.kill();
  }
});

test("the examples are typed", async () => {
  const compiler = createRequire(import.meta.url).resolve("typescript/package.json").replace(/package\.json$/, "bin/tsc");
  const options = ["--ignoreConfig", "--allowJs", "--checkJs", "--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom,dom.iterable", "--types", "node"];
  const { status, stdout } = await outcome("../../js/examples", process.execPath, compiler, "server.mjs", "service.mjs", "page.mjs", ...options);
  assert.equal(status, 0, stdout);
});
