//! `decide` and `apply`.

use std::error::Error;

use serde_json::{Value, json};
use tenantry::policy::presets;

use crate::run::{DAY, Done, fed, file, removal, shared, tenantry};

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
