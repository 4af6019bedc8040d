//! `matrix` and `diff`.

use std::fs;

use serde_json::{Value, json};
use tenantry::policy::presets;

use crate::run::{Done, file, tenantry};

#[test]
fn a_matrix_in_every_format() -> Done {
    let markdown = tenantry("matrix --preset starter")?;
    assert_eq!(markdown.status, Some(0));
    assert!(markdown.out.starts_with("# starter: roles and permissions\n") && markdown.out.contains("| Remove: "), "{}", markdown.out);
    let json = tenantry("matrix --preset starter --json")?;
    assert_eq!(json.out, tenantry("matrix --preset starter --format json")?.out);
    let matrix = &json.documents()?[0];
    assert_eq!((&matrix["policy"], &matrix["unanswered"]), (&json!("starter"), &json!([])));
    let csv = tenantry("matrix --preset starter --format csv")?;
    assert!(csv.out.starts_with("action,label,place,actor,target,"));
    let cells = matrix["rows"].as_array().into_iter().flatten().filter_map(|row| row["cells"].as_array()).map(Vec::len).sum::<usize>();
    assert_eq!(csv.out.lines().count(), cells + 1);
    Ok(())
}

#[test]
fn a_page_that_needs_nothing_else() -> Done {
    let policy = presets::source("starter").unwrap_or_default().replace("label = \"Remove\"", "label = \"</script><b>Remove\"");
    let path = file("matrix", "odd.toml", &policy)?;
    let page = file("matrix", "roles.html", "")?;
    let run = tenantry(&format!("matrix {path} --format html --out {page}"))?;
    assert_eq!(run.status, Some(0), "{}", run.err);
    assert!(run.out.contains(" answers in ") && run.out.starts_with(&page), "{}", run.out);
    let text = fs::read_to_string(&page)?;
    assert!(!text.contains("</script><b>") && text.contains("\\u003c/script>"));
    assert!(!text.contains("http://") && !text.contains("https://") && !text.contains(" src="));
    let data = text.split_once("id=\"data\">").and_then(|(_, rest)| rest.split_once("</script>")).map(|(data, _)| data).unwrap_or_default();
    let data: Value = serde_json::from_str(data)?;
    assert!(data["lines"].as_array().is_some_and(|lines| lines.iter().any(|line| line["label"] == "</script><b>Remove")));
    let nowhere = tenantry(&format!("matrix {path} --out {page}/nowhere"))?;
    assert_eq!(nowhere.status, Some(2));
    assert!(nowhere.err.starts_with("error: cannot write "), "{}", nowhere.err);
    Ok(())
}

#[test]
fn a_diff_with_requests_that_show_it() -> Done {
    let source = presets::source("starter").unwrap_or_default();
    let before = file("diff", "before.toml", source)?;
    let after = file("diff", "after.toml", &source.replace("id          = \"no-self-modification\"", "id = \"no-self-modification\"\nseverity = \"warn\""))?;
    let run = tenantry(&format!("diff {before} {after} --fail-on widen"))?;
    assert_eq!(run.status, Some(1), "{}{}", run.out, run.err);
    assert!(run.out.contains("WIDEN  Owner may now remove oneself"), "{}", run.out);
    assert!(run.out.contains("before   DENY self_modification") && run.out.contains("now      ALLOW"), "{}", run.out);
    assert_eq!(tenantry(&format!("diff {before} {after} --fail-on narrow"))?.status, Some(0));
    let back = tenantry(&format!("diff {after} {before} --json --fail-on narrow"))?;
    assert_eq!(back.status, Some(1));
    let diff = &back.documents()?[0];
    let kinds: Vec<&Value> = diff["changes"].as_array().into_iter().flatten().map(|change| &change["kind"]).collect();
    assert!(kinds.contains(&&json!("narrow")) && !kinds.contains(&&json!("widen")), "{kinds:?}");
    Ok(())
}

#[test]
fn nothing_changes_between_a_policy_and_itself() -> Done {
    let run = tenantry("diff starter starter --fail-on any")?;
    assert_eq!((run.status, run.out.as_str()), (Some(0), "no answer changes\n"));
    let unknown = tenantry("diff starter startr")?;
    assert_eq!(unknown.status, Some(2));
    assert!(unknown.err.contains("did you mean `starter`?"), "{}", unknown.err);
    Ok(())
}
