//! The built command, as people and scripts run it.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tenantry::CATALOGUE;
use tenantry::policy::presets;

type Done = Result<(), Box<dyn Error>>;

const DAY: &str = "2026-01-15T09:00:00.000Z";

/// What a run left behind.
struct Run {
    status: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    /// The documents on the output, one on each line, each in canonical form.
    fn documents(&self) -> Result<Vec<Value>, Box<dyn Error>> {
        let read = |line: &str| {
            let document: Value = serde_json::from_str(line)?;
            assert_eq!(document.to_string(), line, "not canonical");
            Ok(document)
        };
        self.out.lines().map(read).collect()
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
    command.args(args).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(mut command: Command, input: &str) -> Result<Run, Box<dyn Error>> {
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command that needs no input may be gone before it is written.
        drop(stdin.write_all(input.as_bytes()));
    }
    let output = child.wait_with_output()?;
    Ok(Run { status: output.status.code(), out: String::from_utf8(output.stdout)?, err: String::from_utf8(output.stderr)? })
}

/// Runs `tenantry` with these words.
fn tenantry(words: &str) -> Result<Run, Box<dyn Error>> {
    run(command(&words.split_whitespace().collect::<Vec<_>>()), "")
}

/// The same with something on standard input.
fn fed(words: &str, input: &str) -> Result<Run, Box<dyn Error>> {
    run(command(&words.split_whitespace().collect::<Vec<_>>()), input)
}

fn shared(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// A file of this test's own.
fn file(test: &str, name: &str, text: &str) -> Result<String, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder)?;
    let path = folder.join(name);
    fs::write(&path, text)?;
    Ok(path.display().to_string())
}

fn removal(id: &str, actor: &str, target: &str) -> Value {
    json!({ "tenantry": 1, "id": id, "now": DAY, "actor": { "user": actor }, "action": "member.remove", "target": target })
}

#[test]
fn every_command_shows_an_example() -> Done {
    for name in ["decide", "explain", "can", "who-can", "permitted", "page", "apply", "check", "test", "presets", "schema", "codes"] {
        let help = tenantry(&format!("{name} --help"))?;
        assert_eq!(help.status, Some(0), "{name}");
        assert!(help.out.contains("Example") && help.out.contains(&format!("tenantry {name}")), "{}", help.out);
    }
    assert!(tenantry("--help")?.out.contains("Exit status"));
    assert_eq!(tenantry("--version")?.out, format!("tenantry {}\n", env!("CARGO_PKG_VERSION")));
    Ok(())
}

#[test]
fn the_examples_in_the_help_work() -> Done {
    for name in ["decide", "explain", "can", "who-can", "permitted", "page", "presets", "schema", "codes"] {
        let help = tenantry(&format!("{name} --help"))?.out;
        let lines = help.lines().filter_map(|line| line.strip_prefix("  tenantry ")).filter(|line| !line.contains("policy.toml") && !line.contains('>'));
        let mut tried = 0;
        for line in lines {
            let run = tenantry(line)?;
            assert!(matches!(run.status, Some(0 | 1)), "{line}: {}", run.err);
            tried += 1;
        }
        assert!(tried > 0, "{name}");
    }
    Ok(())
}

#[test]
fn a_tour_of_each_preset() -> Done {
    for name in presets::NAMES {
        let words = tenantry(&format!("decide --preset {name} --example"))?;
        assert_eq!((words.status, words.err.as_str()), (Some(0), ""), "{name}");
        assert!(words.out.contains("ALLOW  ") && words.out.contains("DENY "), "{name}");
        let documents = tenantry(&format!("decide --preset {name} --example --json"))?.documents()?;
        assert!((6..=10).contains(&documents.len()), "{name}: {}", documents.len());
        assert!(documents.iter().all(|document| document["effect"].is_string()), "{name}");
    }
    Ok(())
}

#[test]
fn the_tours_show_what_they_are_for() -> Done {
    let codes = |name: &str| -> Result<Vec<String>, Box<dyn Error>> {
        let documents = tenantry(&format!("decide --preset {name} --example --json"))?.documents()?;
        Ok(documents.iter().map(|document| document["code"].as_str().unwrap_or("allow").to_owned()).collect())
    };
    assert_eq!(codes("growthfactor")?[..2], ["below_minimum", "below_minimum"]);
    assert_eq!(codes("ai-loop")?[0], "not_permitted");
    assert_eq!(codes("loupe-factory")?[0], "self_modification");
    assert_eq!(codes("roles-and-workspaces")?[0], "allow");
    let starter = codes("starter")?;
    assert!(starter.contains(&"above_inviter".to_owned()) && starter.contains(&"below_minimum".to_owned()));
    let list = &tenantry("decide --preset inveterate --example --json")?.documents()?[0];
    let events = list["events"].as_array().ok_or("no events")?;
    assert_eq!(events.len(), 12);
    assert_eq!(events.iter().filter(|event| event["event"] == "invitation.skipped").count(), 7);
    Ok(())
}

#[test]
fn a_denial_in_words() -> Done {
    let run = tenantry("decide --preset inveterate --example --actor bruno --action member.remove --target felix")?;
    assert_eq!(run.status, Some(1));
    let expected = "\
DENY protected_target  Bruno Costa asks to remove Felix Baum from Lumen Skincare  [Remove user]
           Only another owner can do this to an owner.
  because  rule only-owners-change-owners, in Lumen Skincare
  help     ask an Owner

";
    assert_eq!(run.out, expected);
    Ok(())
}

#[test]
fn an_allow_in_words() -> Done {
    let run = tenantry("decide --preset loupe-factory --example --actor ruth --action member.remove --target ines")?;
    assert_eq!(run.status, Some(0));
    let expected = "\
ALLOW  Ruth Adeyemi asks to remove Inês Carvalho from Brightwater Jewellers  [Remove user]
  by rule  admins-manage-users
  changes  Inês Carvalho no longer holds Admin in Brightwater Jewellers
           Inês Carvalho is no longer a member of Brightwater Jewellers
  to do    let the person confirm it
           end the sessions of Inês Carvalho

";
    assert_eq!(run.out, expected);
    Ok(())
}

#[test]
fn a_batch_in_words() -> Done {
    let items = json!([{ "action": "member.remove", "target": "mira" }, { "action": "member.remove", "target": "liam" }]);
    let batch = |how: &str| json!({ "id": "r1", "actor": { "user": "noa" }, "batch": how, "items": items }).to_string();
    let atomic = fed("decide --preset starter --example -", &batch("atomic"))?;
    let expected = "\
DENY outranked  Noa Levi asks to do 2 things in one request
  item     1 to remove Mira Shah from Lumen Works
  item     2 to remove Liam O'Connor from Lumen Works
           You can do this for people below you, with roles up to your own.
  because  rule admins-manage-those-below, in Lumen Works, item 2
  because  protected_target Only an owner can do this to an owner. (rule only-owners-touch-owners, in Lumen Works, item 2)

";
    assert_eq!((atomic.status, atomic.out.as_str()), (Some(1), expected));
    let each = fed("decide --preset starter --example -", &batch("each"))?;
    assert!(each.out.contains("\n  item 1   ALLOW  to remove Mira Shah from Lumen Works\n  by rule  admins-manage-those-below\n"), "{}", each.out);
    assert!(each.out.contains("\n  item 2   DENY outranked  to remove Liam O'Connor from Lumen Works\n"), "{}", each.out);
    Ok(())
}

#[test]
fn names_leave_the_terminal_alone() -> Done {
    let state = json!({
        "tenantry": 1, "organization": "acme", "scopes": [{ "id": "acme", "kind": "organization", "name": "Acme\nALLOW" }],
        "users": [{ "id": "ann", "email": "ann@acme.example", "name": "\u{1b}[2JAnn" }], "grants": [{ "scope": "acme", "user": "ann", "role": "owner" }],
    });
    let path = file("terminal", "state.json", &state.to_string())?;
    let run = tenantry(&format!("decide --preset starter --state {path} --actor ann --action member.leave"))?;
    assert!(run.out.starts_with("DENY below_minimum  \u{fffd}[2JAnn asks to leave Acme\u{fffd}ALLOW  [Leave]\n"), "{}", run.out);
    Ok(())
}

#[test]
fn requests_come_as_one_as_a_list_and_as_lines() -> Done {
    let (allowed, denied) = (removal("r1", "noa", "mira"), removal("r2", "noa", "liam"));
    let decide = "decide --preset starter --example --json -";
    let one = fed(decide, &allowed.to_string())?;
    assert_eq!((one.status, one.documents()?.len()), (Some(0), 1));
    let list = fed(decide, &format!("{:#}", json!([allowed, denied])))?;
    let lines = fed(decide, &format!("{allowed}\n{denied}\n"))?;
    assert_eq!((list.status, lines.status), (Some(1), Some(1)));
    assert_eq!(list.out, lines.out);
    let documents = list.documents()?;
    assert_eq!(documents[0]["effect"], "allow");
    assert_eq!(documents[1]["code"], "outranked");
    assert_eq!(documents[1]["request"], denied);
    Ok(())
}

#[test]
fn requests_come_from_a_file_with_titles() -> Done {
    let titled = json!([{ "title": "An admin turns against an owner", "request": removal("r1", "noa", "liam") }]);
    let path = file("titles", "requests.json", &titled.to_string())?;
    let run = tenantry(&format!("decide --preset starter --example {path}"))?;
    assert_eq!(run.status, Some(1));
    assert!(run.out.starts_with("An admin turns against an owner\nDENY outranked  Noa Levi asks to remove Liam O'Connor"), "{}", run.out);
    Ok(())
}

#[test]
fn version_and_time_may_be_left_out() -> Done {
    let request = json!({ "id": "r1", "actor": { "user": "noa" }, "action": "member.remove", "target": "mira" });
    let example = fed("decide --preset starter --example --json", "")?;
    assert_eq!(example.status, Some(0));
    let on_its_day = fed("decide --preset starter --example --json -", &request.to_string())?;
    assert_eq!(on_its_day.documents()?[0]["request"]["now"], DAY);
    let told = fed("decide --preset starter --example --now 2026-01-16T00:00:00+01:00 --json -", &request.to_string())?;
    assert_eq!(told.documents()?[0]["request"]["now"], "2026-01-15T23:00:00.000Z");
    let state = shared("tests/vectors/examples/starter.json");
    let present = fed(&format!("decide --preset starter --state {} --json -", state.display()), &request.to_string())?;
    let now = present.documents()?[0]["request"]["now"].as_str().map(str::to_owned);
    assert!(now.is_some_and(|now| now.as_str() > "2026-01-16"));
    Ok(())
}

#[test]
fn an_error_leaves_the_others_their_answers() -> Done {
    let misspelt = json!({ "id": "r0", "now": DAY, "actor": { "user": "noa" }, "action": "member.remov", "target": "mira" });
    let input = json!([misspelt, removal("r1", "noa", "mira"), { "tenantry": 1, "nwo": DAY }]);
    let json = fed("decide --preset starter --example --json -", &input.to_string())?;
    assert_eq!((json.status, json.err.as_str()), (Some(2), ""));
    let documents = json.documents()?;
    assert_eq!(documents[0]["error"]["code"], "unknown_action");
    assert_eq!(documents[1]["effect"], "allow");
    assert_eq!(documents[2]["error"]["code"], "bad_document");
    let words = fed("decide --preset starter --example -", &input.to_string())?;
    assert!(words.err.starts_with("error: `member.remov` is not an action of this policy; did you mean `member.remove`?\n"), "{}", words.err);
    assert!(words.err.contains("error: request 3 is not well formed at `nwo`: unknown field `nwo`"), "{}", words.err);
    Ok(())
}

#[test]
fn a_field_given_twice_is_an_error() -> Done {
    let run = fed("decide --preset starter --example --json -", r#"{"id":"r1","actor":{"user":"noa"},"action":"member.leave","id":"r2"}"#)?;
    assert_eq!(run.status, Some(2));
    assert_eq!(run.documents()?[0]["error"]["message"], "the request is not well formed: duplicate field `id` at line 1 column 62");
    Ok(())
}

#[test]
fn options_that_do_not_go_together() -> Done {
    for words in [
        "decide --preset starter",
        "decide --example",
        "decide --preset starter --policy x.toml --example",
        "decide --preset starter --example --action member.leave",
        "can --preset starter --example --actor noa",
        "can --preset starter --example --actor noa --action audit.read --now yesterday",
        "decide --preset starter --example --actor noa --action flow.edit --resource section",
        "decide --policy nowhere.toml --example=starter",
        "decide --preset starter --example=stater",
        "page --preset stater --example=starter --actor noa",
        "test --preset starter",
        "schema polcy",
        "fly",
    ] {
        let run = tenantry(words)?;
        assert_eq!(run.status, Some(2), "{words}: {}", run.out);
        assert!(run.err.starts_with("error: "), "{words}: {}", run.err);
    }
    assert!(tenantry("page --preset stater --example=starter --actor noa")?.err.contains("did you mean `starter`?"));
    Ok(())
}

#[test]
fn explain_names_the_rules_and_where_they_fail() -> Done {
    let flags = "--preset ai-loop --example --actor ida --action flow.edit --resource section=fleet";
    let run = tenantry(&format!("explain {flags}"))?;
    assert_eq!(run.status, Some(1));
    assert!(run.out.contains("  nearest  ailoop-section\n"), "{}", run.out);
    let row = run.out.lines().find(|line| line.contains("fleet-section")).unwrap_or_default();
    assert_eq!(row, "  ·  fleet-section            allow   the request in Loop Industries  actor.role");
    let document = &tenantry(&format!("explain {flags} --json"))?.documents()?[0];
    assert_eq!(document["step"], "gate");
    assert_eq!(document["decision"]["code"], "not_permitted");
    let same = fed("explain --preset ai-loop --example --json -", &document["decision"]["request"].to_string())?;
    assert_eq!(&same.documents()?[0], document);
    Ok(())
}

#[test]
fn can_says_yes_or_no() -> Done {
    let yes = tenantry("can --preset starter --example --actor noa --action member.set_roles --target mira --role admin")?;
    assert_eq!((yes.status, yes.out.as_str()), (Some(0), "ALLOW\n"));
    let no = tenantry("can --preset starter --example --actor noa --action member.remove --target liam")?;
    assert_eq!(no.status, Some(1));
    assert_eq!(no.out, "DENY outranked  You can do this for people below you, with roles up to your own.\n");
    let questions = json!([{ "actor": { "user": "noa" }, "action": "audit.read" }, { "actor": { "user": "mira" }, "action": "audit.read" }]);
    let several = fed("can --preset starter --example --json", &questions.to_string())?;
    assert_eq!(several.status, Some(1));
    let denied = json!({ "allowed": false, "code": "not_permitted", "message": "You do not have permission to do this." });
    assert_eq!(several.documents()?, [json!({ "allowed": true }), denied]);
    Ok(())
}

#[test]
fn actors_of_every_kind() -> Done {
    let code = |actor: &str, more: &str| -> Result<Value, Box<dyn Error>> {
        let run = tenantry(&format!("decide --preset starter --example --json --actor {actor} --action {more}"))?;
        Ok(run.documents()?[0]["code"].clone())
    };
    assert_eq!(code("user:noa", "audit.read")?, Value::Null);
    assert_eq!(code("system:accounts", "member.change_email --target mira --email mira@new.example")?, Value::Null);
    assert_eq!(code("invitee:ola@lumen.example", "invitation.accept --invitation inv-ola")?, Value::Null);
    assert_eq!(code("unverified:ola@lumen.example", "invitation.accept --invitation inv-ola")?, "email_unverified");
    assert_eq!(code("nobody", "audit.read")?, "actor_unknown");
    Ok(())
}

#[test]
fn context_and_resource_are_values() -> Done {
    let decide = |more: &str| {
        tenantry(&format!(
            "decide --preset inveterate --example --actor invitee:sofia@lumen.example --action invitation.accept --invitation inv-sofia {more} --json"
        ))
    };
    assert_eq!(decide("--context account_elsewhere=true")?.documents()?[0]["code"], "account_exists");
    assert_eq!(decide("--context account_elsewhere=false")?.documents()?[0]["effect"], "allow");
    let both = "decide --preset ai-loop --example --actor ida --action flow.edit --resource section=fleet --resource section=ailoop --json";
    assert_eq!(tenantry(both)?.documents()?[0]["request"]["resource"]["section"], json!(["fleet", "ailoop"]));
    Ok(())
}

#[test]
fn who_can_names_people() -> Done {
    let run = tenantry("who-can --preset starter --example --actor hedda --action member.remove --target noa")?;
    assert_eq!((run.status, run.out.as_str()), (Some(0), "Hedda Nilsen  hedda\nLiam O'Connor  liam\n".replace("Nilsen  ", "Nilsen   ").as_str()));
    assert_eq!(
        tenantry("who-can --preset starter --example --actor hedda --action member.remove --target noa --json")?.documents()?,
        [json!(["hedda", "liam"])]
    );
    let nobody = tenantry("who-can --preset starter --example --actor hedda --action organization.create")?;
    assert_eq!((nobody.status, nobody.out.as_str()), (Some(1), "nobody\n"));
    Ok(())
}

#[test]
fn permitted_ticks_what_may_be_done() -> Done {
    let run = tenantry("permitted --preset loupe-factory --example --actor ines --target ines")?;
    assert_eq!(run.status, Some(0));
    assert!(run.out.contains("✓  Edit role    member.set_roles\n"), "{}", run.out);
    assert!(run.out.contains("✗  Remove user  member.remove     self_modification  Ask another admin to remove you.\n"), "{}", run.out);
    let question = json!({ "actor": { "user": "ines" }, "now": DAY, "target": "ines" });
    let document = &fed("permitted --preset loupe-factory --example --json", &question.to_string())?.documents()?[0];
    assert_eq!(document[1]["code"], "self_modification");
    Ok(())
}

#[test]
fn page_is_a_table() -> Done {
    let run = tenantry("page --preset loupe-factory --example --actor ines --search haddad")?;
    assert_eq!(run.status, Some(0));
    let expected = "\
name          email                      roles    status  actions
Leila Haddad  leila@brightwater.example  Manager  active  Edit role, Remove user
Samir Haddad  samir@brightwater.example  Member   active  Edit role, Remove user
2 of 2 rows
";
    assert_eq!(run.out, expected);
    let denied = tenantry("page --preset ai-loop --example --actor ida")?;
    assert_eq!(denied.status, Some(1));
    assert!(denied.out.contains("not_permitted members are not shown"), "{}", denied.out);
    Ok(())
}

#[test]
fn page_takes_filters_and_documents() -> Done {
    let flags = "--preset starter --example --actor hedda --scope studio --inherited --status active --role admin --order email --offset 1 --limit 2 --action member.remove";
    let run = tenantry(&format!("page {flags} --json"))?;
    let page = &run.documents()?[0];
    assert_eq!(page["member_actions"], json!(["member.remove"]));
    assert_eq!(page["members"].as_array().map(Vec::len), Some(2));
    let question = json!({
        "actor": { "user": "hedda" }, "scope": "studio", "inherited": true, "statuses": ["active"], "roles": ["admin"], "order": "email",
        "offset": 1, "limit": 2, "actions": ["member.remove"],
    });
    assert_eq!(fed("page --preset starter --example --json -", &question.to_string())?.out, run.out);
    Ok(())
}

#[test]
fn apply_prints_the_state_after() -> Done {
    let requests = format!("{}\n{}\n{}\n", removal("r1", "noa", "mira"), removal("r2", "noa", "liam"), removal("r3", "noa", "mira"));
    let state = shared("tests/vectors/examples/starter.json");
    let run = fed(&format!("apply --preset starter --state {}", state.display()), &requests)?;
    assert_eq!(run.status, Some(1));
    let verdicts: Vec<&str> =
        run.err.lines().filter(|line| !line.starts_with(' ') && !line.is_empty()).map(|line| line.split("  ").next().unwrap_or_default()).collect();
    assert_eq!(verdicts, ["ALLOW", "DENY outranked", "DENY already_ended"]);
    let after: Value = serde_json::from_str(&run.out)?;
    let ids =
        |table: &str, field: &str| after[table].as_array().into_iter().flatten().filter_map(|row| row[field].as_str().map(str::to_owned)).collect::<Vec<_>>();
    assert!(!ids("users", "id").contains(&"mira".to_owned()));
    assert!(ids("users", "id").contains(&"liam".to_owned()));
    assert!(ids("ended", "user").contains(&"mira".to_owned()));
    let json = fed("apply --preset starter --example --json", &requests)?;
    assert_eq!(json.documents()?, [after]);
    assert_eq!(json.err.lines().count(), 3);
    Ok(())
}

#[test]
fn apply_takes_decisions_and_refuses_stale_and_late_ones() -> Done {
    let apply = "apply --preset starter --example --json";
    let decision = |request: &Value| -> Result<String, Box<dyn Error>> { Ok(fed("decide --preset starter --example --json -", &request.to_string())?.out) };
    let removes = decision(&removal("r1", "noa", "mira"))?;
    let request = fed(apply, &removal("r1", "noa", "mira").to_string())?;
    let decided = fed(apply, &removes)?;
    assert_eq!((decided.status, &decided.out), (Some(0), &request.out));
    let twice = fed(apply, &format!("{removes}{removes}"))?;
    assert_eq!(twice.status, Some(2));
    let error = &twice.documents()?[0]["error"];
    assert_eq!((&error["code"], &error["fresh"]["code"]), (&json!("stale"), &json!("already_ended")));
    let words = fed("apply --preset starter --example", &format!("{removes}{removes}"))?;
    assert!(
        words.out.is_empty() && words.err.contains("error: the decision is stale: ") && words.err.ends_with("the answer is now: DENY already_ended\n"),
        "{}",
        words.err
    );
    let accepts = json!({ "id": "r2", "now": DAY, "actor": { "user": "nikos" }, "action": "invitation.accept", "invitation": "inv-nikos" });
    let late = fed(&format!("{apply} --now 2026-02-01T00:00:00Z"), &decision(&accepts)?)?;
    assert_eq!((late.status, &late.documents()?[0]["error"]["code"]), (Some(2), &json!("late")));
    let denied = fed(apply, &decision(&removal("r3", "noa", "liam"))?)?;
    assert_eq!((denied.status, &denied.documents()?[0]["error"]["code"]), (Some(2), &json!("denied")));
    Ok(())
}

#[test]
fn check_tells_every_problem_at_once() -> Done {
    let faulty = "tenantry = 1\nname = \"x\"\n[roles.organization]\nowner = { rnk = 3 }\n[[allow]]\nid = \"a\"\nactions = [\"member.remov\"]\nactor = { role = \"onwer\" }\n";
    let path = file("check", "faulty.toml", faulty)?;
    let words = tenantry(&format!("check {path}"))?;
    assert_eq!(words.status, Some(1));
    assert!(words.out.starts_with(&format!("BAD  {path}: 3 problems\n")), "{}", words.out);
    assert!(words.out.contains("  allow[0].actor.role           `onwer` is not a role of `organization`; did you mean `owner`?\n"), "{}", words.out);
    let json = tenantry(&format!("check --json {path}"))?;
    let problems = json.documents()?[0]["problems"].clone();
    let nearest: Vec<&Value> = problems.as_array().into_iter().flatten().map(|problem| &problem["nearest"]).collect();
    assert_eq!(nearest, ["rank", "member.remove", "owner"]);
    let broken = tenantry(&format!("check {}", file("check", "broken.json", "{ \"tenantry\": 1, }")?))?;
    assert_eq!(broken.status, Some(1));
    let used = tenantry(&format!("decide --policy {path} --example=starter"))?;
    assert_eq!(used.status, Some(2));
    assert!(used.err.starts_with("error: the policy has 3 problems\n"), "{}", used.err);
    Ok(())
}

#[test]
fn check_accepts_a_policy_and_what_it_extends() -> Done {
    let base = file("extends", "base.toml", presets::source("starter").unwrap_or_default())?;
    let own = "tenantry = 1\nname = \"mine\"\nextends = \"base\"\n[actions]\n\"report.read\" = {}\n[[allow]]\nid = \"reports\"\nactions = [\"report.read\"]\n";
    let path = file("extends", "mine.toml", own)?;
    let run = tenantry(&format!("check {base} {path} --json"))?;
    assert_eq!(run.status, Some(0));
    let names: Vec<Value> = run.documents()?.iter().map(|document| document["policy"].clone()).collect();
    assert_eq!(names, ["starter", "mine"]);
    let used = tenantry(&format!("can --policy {path} --example=starter --actor mira --action report.read"))?;
    assert_eq!((used.status, used.out.as_str()), (Some(0), "ALLOW\n"));
    let outside = file("extends", "outside.toml", "tenantry = 1\nname = \"x\"\nextends = \"../extends/base\"\n")?;
    assert_eq!(tenantry(&format!("check {outside}"))?.status, Some(1));
    let mixed = tenantry(&format!("check {path} nowhere.toml"))?;
    assert_eq!(mixed.status, Some(2));
    assert!(mixed.out.starts_with("OK  ") && mixed.err.starts_with("error: cannot read nowhere.toml: "));
    Ok(())
}

#[test]
fn test_runs_the_cases_beside_a_policy() -> Done {
    let policy = file("cases", "policy.toml", "tenantry = 1\nname = \"mine\"\nextends = \"starter\"\n")?;
    let case = |name: &str, then: &str| {
        format!("[[case]]\nname = \"{name}\"\nwhen = {{ actor = \"bob\", action = \"member.remove\", target = \"ann\" }}\nthen = \"{then}\"\n")
    };
    let people = "given.people = { ann = \"owner\", bob = \"member\" }\n";
    let good = file("cases", "policy.cases.toml", &format!("{people}{}", case("members remove nobody", "not_permitted")))?;
    let beside = tenantry(&format!("test --policy {policy}"))?;
    assert_eq!((beside.status, beside.out), (Some(0), format!("{good}\n✓ members remove nobody\n1 case, all passed\n")));
    let bad = file("cases", "bad.cases.toml", &format!("{people}{}{}", case("right", "not_permitted"), case("wrong", "allow")))?;
    let named = tenantry(&format!("test --policy {policy} {good} {bad}"))?;
    assert_eq!(named.status, Some(1));
    assert!(named.out.contains("✗ wrong\n    case[1]\n    then: expected `allow`, met `not_permitted`"), "{}", named.out);
    assert!(named.out.ends_with("2 cases, 1 failed\n"));
    let json = tenantry(&format!("test --policy {policy} {bad} --json"))?.documents()?;
    assert_eq!((&json[0]["passed"], &json[1]["passed"]), (&json!(true), &json!(false)));
    assert_eq!(json[1]["failure"]["decision"]["code"], "not_permitted");
    let faulty = file("cases", "faulty.cases.toml", &case("misspelt", "not_permited"))?;
    let error = tenantry(&format!("test --preset starter {faulty}"))?;
    assert_eq!(error.status, Some(2));
    assert!(error.err.contains("did you mean `not_permitted`?"), "{}", error.err);
    Ok(())
}

#[test]
fn test_lays_cases_on_an_example() -> Done {
    let text = "[[case]]\nname = \"noa is below liam\"\nwhen = { actor = \"noa\", action = \"member.remove\", target = \"liam\" }\nthen = \"outranked\"\n";
    let path = file("cases-on-example", "cases.toml", text)?;
    assert_eq!(tenantry(&format!("test --preset starter --example {path}"))?.status, Some(0));
    Ok(())
}

#[test]
fn presets_are_listed_and_printed() -> Done {
    let list = tenantry("presets")?;
    assert!(presets::NAMES.iter().all(|name| list.out.lines().any(|line| line.starts_with(name) && line.len() > name.len() + 10)), "{}", list.out);
    assert_eq!(tenantry("presets --json")?.documents()?.len(), presets::NAMES.len());
    for name in presets::NAMES {
        assert_eq!(Some(tenantry(&format!("presets {name}"))?.out.as_str()), presets::source(name));
        assert_eq!(tenantry(&format!("presets {name} --json"))?.documents()?[0]["name"], json!(name));
    }
    let unknown = tenantry("presets growthfactr")?;
    assert_eq!((unknown.status, unknown.err.as_str()), (Some(2), "error: no preset is called `growthfactr`; did you mean `growthfactor`?\n"));
    Ok(())
}

#[test]
fn schemas_are_those_that_the_engine_publishes() -> Done {
    for name in ["policy", "snapshot", "request", "decision", "event"] {
        let published = fs::read_to_string(shared("crates/tenantry/schemas").join(name).with_extension("json"))?;
        assert_eq!(tenantry(&format!("schema {name}"))?.out, published);
        assert_eq!(tenantry(&format!("schema {name} --json"))?.documents()?, [serde_json::from_str::<Value>(&published)?]);
    }
    Ok(())
}

#[test]
fn codes_are_the_catalogue() -> Done {
    let words = tenantry("codes")?;
    let listed: Vec<&str> = words.out.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(listed, CATALOGUE.iter().map(|code| code.as_str()).collect::<Vec<_>>());
    let documents = tenantry("codes --json")?.documents()?;
    assert_eq!(documents[0], json!({ "code": "actor_unknown", "step": "standing", "message": "You are not a member of this organization." }));
    assert_eq!(documents.len(), CATALOGUE.len());
    Ok(())
}

#[test]
fn colour_only_where_it_is_wanted() -> Done {
    let args = ["can", "--preset", "starter", "--example", "--actor", "noa", "--action", "audit.read"];
    assert_eq!(run(command(&args), "")?.out, "ALLOW\n");
    let mut forced = command(&args);
    forced.env("CLICOLOR_FORCE", "1");
    assert_eq!(run(forced, "")?.out, "\u{1b}[1m\u{1b}[32mALLOW\u{1b}[0m\n");
    let mut refused = command(&args);
    refused.env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
    assert_eq!(run(refused, "")?.out, "ALLOW\n");
    Ok(())
}
