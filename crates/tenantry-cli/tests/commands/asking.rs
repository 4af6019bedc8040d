//! `explain`, `can`, `who-can`, `permitted` and `page`.

use serde_json::json;

use crate::run::{DAY, Done, fed, tenantry};

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
