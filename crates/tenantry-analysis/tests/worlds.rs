use tenantry::Policy;
use tenantry_analysis::prove::prove;
#[test]
fn sizes() {
    for name in tenantry::policy::presets::NAMES {
        if *name == "roles-and-workspaces" { continue }
        let start = std::time::Instant::now();
        let proof = prove(Policy::preset(name).unwrap()).unwrap().unwrap();
        println!("== {name} {:?}", start.elapsed());
        for answer in &proof.escalation {
            println!("{} at {}: {:?} basis {}", answer.role.role, answer.role.scope, answer.unknown, answer.basis.len());
            for coalition in &answer.coalitions {
                let people: Vec<_> = coalition.people.iter().map(|p| format!("{:?}", p.roles)).collect();
                let steps = coalition.attack.as_ref().map(|a| a.requests.iter().map(|r| format!("{:?} {}", r.actor, r.body.asks()[0].action)).collect::<Vec<_>>());
                println!("    {people:?} {steps:?}");
            }
        }
    }
}
