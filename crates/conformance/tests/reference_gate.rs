//! Before its gate passes, the reference looks at nothing but the actor's own things (row, owner, grants, groups, custom roles),
//! the scopes that the request names with those above them, and for the answer of an invitee the invitation named.

use tenantry::document::{Body, Request};
use tenantry_conformance::reference::{Own, Reference, Traced};
use tenantry_conformance::{Suite, vector_files, vectors_dir};

#[test]
fn nothing_but_ones_own_is_read_before_the_gate() -> std::io::Result<()> {
    let dir = vectors_dir();
    let (mut asked, mut faults) = (0, Vec::new());
    for path in vector_files(&dir)? {
        let Ok(suite) = Suite::load(&path) else { continue };
        let reference = Reference::new(suite.policy(), suite.snapshot());
        for mut document in suite.requests() {
            let Some(fields) = document.as_object_mut() else { continue };
            fields.entry("tenantry").or_insert(1.into());
            fields.entry("now").or_insert(suite.now().into());
            let Ok(request) = Request::from_json(&document.to_string()) else { continue };
            let Body::One(ask) = &request.body else { continue };
            let Traced { decision: Ok(_), reads, gate_passed_at } = reference.decide_traced(&request) else { continue };
            asked += 1;
            let own = Own::of(suite.snapshot(), &request, ask);
            let before = &reads[..gate_passed_at.unwrap_or(reads.len())];
            if let Some(read) = before.iter().find(|read| !own.reads.contains(read)) {
                faults.push(format!("{}: {read:?}: {document}", path.display()));
            }
        }
    }
    assert!(asked > 1000, "only {asked} requests were asked");
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    Ok(())
}
