use tenantry::Policy;
use tenantry_analysis::prove::prove;
#[test]
fn sizes() {
    for name in tenantry::policy::presets::NAMES {
        if *name == "roles-and-workspaces" { continue }
        let start = std::time::Instant::now();
        let proof = prove(Policy::preset(name).unwrap()).unwrap().unwrap();
        println!("== {name} {:?}", start.elapsed());
        for answer in &proof.lockout { println!("LOCK {:?} {:?} {:?} {:?}", answer.asset, answer.verdict, answer.keep, answer.attack.as_ref().map(|a| (a.snapshot.grants.iter().map(|g| g.role.clone()).collect::<Vec<_>>(), a.requests.iter().map(|r| format!("{:?} {}", r.actor, r.body.asks()[0].action)).collect::<Vec<_>>()))); }
        for d in &proof.detours { println!("DETOUR {:?} -> {:?} => {:?} {} {}: {:?}", d.actor.roles, d.target.as_ref().map(|t| &t.roles), d.after, d.verb, d.code, d.attack.requests.iter().map(|r| format!("{:?} {}", r.actor, r.body.asks()[0].action)).collect::<Vec<_>>()); }
        for d in &proof.weaker_doors { println!("DOOR {} at {} {} < {}: {:?} to {:?}", d.role.role, d.role.scope, d.weaker, d.stronger, d.actors.iter().map(|a| &a.roles).collect::<Vec<_>>(), d.target.roles); }
        for answer in &proof.escalation { if answer.role.role == "x" {
            println!("{} at {}: {:?} basis {}", answer.role.role, answer.role.scope, answer.unknown, answer.basis.len());
            for coalition in &answer.coalitions {
                let people: Vec<_> = coalition.people.iter().map(|p| format!("{:?}", p.roles)).collect();
                let steps = coalition.attack.as_ref().map(|a| a.requests.iter().map(|r| format!("{:?} {}", r.actor, r.body.asks()[0].action)).collect::<Vec<_>>());
                println!("    {people:?} {steps:?}");
            } }
        }
    }
}
