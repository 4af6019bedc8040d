//! The built command, as people and scripts run it.

mod analysis;
mod asking;
mod deciding;
mod policies;
mod run;

use serde_json::json;

use run::{Done, command, file, run, tenantry};

#[test]
fn every_command_shows_an_example() -> Done {
    for name in ["decide", "explain", "can", "who-can", "permitted", "page", "apply", "check", "test", "presets", "schema", "codes", "matrix", "diff"] {
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
    for name in ["decide", "explain", "can", "who-can", "permitted", "page", "check", "presets", "schema", "codes", "matrix", "diff"] {
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
