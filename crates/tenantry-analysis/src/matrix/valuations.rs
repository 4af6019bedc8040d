//! Facts of the host, tried together, and which of them matter.

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

/// Under which conditions a request is allowed, in few words: each as wide as what was denied leaves room for.
pub fn conditions(domains: &Domains, tried: &[Valuation], allowed: &[bool]) -> Vec<Condition> {
    let denied: Vec<&Valuation> = tried.iter().zip(allowed).filter(|(_, allowed)| !**allowed).map(|(valuation, _)| valuation).collect();
    let mut terms: Vec<Term> = Vec::new();
    for (valuation, _) in tried.iter().zip(allowed).filter(|(_, allowed)| **allowed) {
        if !terms.iter().any(|term| holds(term, valuation)) {
            terms.push(widened(domains, valuation, &denied));
        }
    }
    terms.iter().map(|term| named(domains, term)).collect()
}

/// Of each fact, which of its values fit.
type Term = Vec<Vec<bool>>;

fn holds(term: &Term, valuation: &Valuation) -> bool {
    term.iter().zip(valuation).all(|(fits, value)| fits[*value])
}

/// One combination, with every further value of each fact under which nothing was denied.
fn widened(domains: &Domains, valuation: &Valuation, denied: &[&Valuation]) -> Term {
    let only = |(fact, value): (usize, &usize)| (0..domains[fact].1.len()).map(|other| other == *value).collect();
    let mut term: Term = valuation.iter().enumerate().map(only).collect();
    for fact in 0..domains.len() {
        for value in 0..domains[fact].1.len() {
            let before = std::mem::replace(&mut term[fact][value], true);
            term[fact][value] = before || !denied.iter().any(|denied| holds(&term, denied));
        }
    }
    term
}

fn named(domains: &Domains, term: &Term) -> Condition {
    let values = |fact: usize| domains[fact].1.iter().zip(&term[fact]).filter(|(_, fits)| **fits).map(|(value, _)| value.clone()).collect();
    (0..domains.len()).filter(|fact| term[*fact].contains(&false)).map(|fact| (domains[fact].0.clone(), values(fact))).collect()
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
