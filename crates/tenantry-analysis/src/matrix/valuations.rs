//! Facts of the host, tried together, and which of them matter.

use std::collections::BTreeMap;

use super::facts::Setting;
use super::table::Condition;

/// How many combinations of facts are tried for a cell.
pub const MAX_TRIED: usize = 96;

/// Facts with their values.
pub type Domains = Vec<(String, Vec<Setting>)>;

/// What each fact is: the number of its value.
pub type Valuation = Vec<usize>;

/// The combinations to try: first where nothing is said, then those that say little. Says whether some are left out.
pub fn all(domains: &Domains) -> (Vec<Valuation>, bool) {
    let mut found: Vec<Valuation> = vec![vec![0; domains.len()]];
    let mut begin = 0;
    for _ in 0..domains.len() {
        let end = found.len();
        for number in begin..end {
            let last = found[number].iter().rposition(|value| *value > 0).map_or(0, |last| last + 1);
            for fact in last..domains.len() {
                for value in 1..domains[fact].1.len() {
                    if found.len() == MAX_TRIED {
                        return (found, true);
                    }
                    let mut next = found[number].clone();
                    next[fact] = value;
                    found.push(next);
                }
            }
        }
        begin = end;
    }
    (found, false)
}

/// The facts of a combination, by name.
pub fn settings<'d>(domains: &'d Domains, valuation: &Valuation) -> Vec<(&'d str, &'d Setting)> {
    domains.iter().zip(valuation).map(|((name, values), value)| (name.as_str(), &values[*value])).collect()
}

/// Under which conditions a request is allowed, in few words: facts that do not matter are left out.
pub fn conditions(domains: &Domains, tried: &[Valuation], allowed: &[bool]) -> Vec<Condition> {
    let matters: Vec<bool> = (0..domains.len()).map(|fact| fact_matters(fact, tried, allowed)).collect();
    let full: Vec<u128> = domains.iter().map(|(_, values)| (1u128 << values.len().min(127)) - 1).collect();
    let term = |valuation: &Valuation| -> Vec<u128> {
        (0..domains.len()).map(|fact| if matters[fact] { 1 << valuation[fact] } else { full[fact] }).collect()
    };
    let mut terms: Vec<Vec<u128>> = Vec::new();
    for (valuation, _) in tried.iter().zip(allowed).filter(|(_, allowed)| **allowed) {
        let term = term(valuation);
        if !terms.contains(&term) {
            terms.push(term);
        }
    }
    merge(&mut terms);
    terms.iter().map(|term| named(domains, &full, term)).collect()
}

/// Whether there are two combinations that differ in this fact alone and have different answers.
fn fact_matters(fact: usize, tried: &[Valuation], allowed: &[bool]) -> bool {
    let mut by_rest: BTreeMap<Valuation, bool> = BTreeMap::new();
    tried.iter().zip(allowed).any(|(valuation, allowed)| {
        let mut rest = valuation.clone();
        rest[fact] = 0;
        by_rest.insert(rest, *allowed).is_some_and(|other| other != *allowed)
    })
}

/// Joins terms that differ in one fact alone, as often as that is possible; a term that lies in another goes.
fn merge(terms: &mut Vec<Vec<u128>>) {
    loop {
        let pairs = (0..terms.len()).flat_map(|a| (0..terms.len()).filter(move |b| a != *b).map(move |b| (a, b)));
        let within = |(a, b): &(usize, usize)| terms[*a].iter().zip(&terms[*b]).all(|(a, b)| a & !b == 0);
        let joins = |(a, b): &(usize, usize)| terms[*a].iter().zip(&terms[*b]).filter(|(a, b)| a != b).count() == 1;
        let Some((a, b)) = pairs.clone().find(within).or_else(|| pairs.clone().find(joins)) else { return };
        let joined: Vec<u128> = terms[a].iter().zip(&terms[b]).map(|(a, b)| a | b).collect();
        terms[b] = joined;
        terms.remove(a);
    }
}

fn named(domains: &Domains, full: &[u128], term: &[u128]) -> Condition {
    let values = |fact: usize| domains[fact].1.iter().enumerate().filter(move |(n, _)| term[fact] >> n & 1 == 1).map(|(_, value)| value.clone()).collect();
    (0..domains.len()).filter(|fact| term[*fact] != full[*fact]).map(|fact| (domains[fact].0.clone(), values(fact))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domains(sizes: &[usize]) -> Domains {
        let values = |size: &usize| (0..*size).map(|n| Setting::Is(n.to_string())).collect();
        sizes.iter().enumerate().map(|(n, size)| (format!("f{n}"), values(size))).collect()
    }

    #[test]
    fn every_combination_once() {
        let (found, cut) = all(&domains(&[2, 3, 2]));
        assert_eq!((found.len(), cut), (12, false));
        assert!((0..12).all(|n| !found[..n].contains(&found[n])));
        assert_eq!(all(&domains(&[2; 9])).0.len(), MAX_TRIED);
        assert!(all(&domains(&[2; 9])).1);
    }

    #[test]
    fn few_words() {
        let domains = domains(&[2, 3]);
        let (tried, _) = all(&domains);
        let allowed: Vec<bool> = tried.iter().map(|valuation| valuation[1] > 0).collect();
        let found = conditions(&domains, &tried, &allowed);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].keys().collect::<Vec<_>>(), ["f1"]);
        assert_eq!(found[0]["f1"].len(), 2);
        let either: Vec<bool> = tried.iter().map(|valuation| valuation[0] == 1 || valuation[1] == 2).collect();
        assert_eq!(conditions(&domains, &tried, &either).len(), 2);
    }
}
