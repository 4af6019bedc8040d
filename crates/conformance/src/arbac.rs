//! Answers about role reachability, checked without the analysis: certificates by their definition, witnesses by taking the
//! steps, and small files by trying everything.

use std::collections::{BTreeSet, VecDeque};

use tenantry_analysis::arbac::{Assign, Certificate, File, Revoke, Witness};

type Roles = BTreeSet<usize>;

/// A certificate with numbers for names.
struct Cover {
    never: Roles,
    helps: Roles,
    hinders: Roles,
    at_hand: Roles,
    states: Vec<(bool, bool, Roles)>,
}

impl Cover {
    fn of(file: &File, certificate: &Certificate) -> Result<Cover, String> {
        let number = |name: &String| file.roles.iter().position(|role| role == name).ok_or_else(|| format!("`{name}` is no role"));
        let all = |names: &[String]| names.iter().map(number).collect::<Result<Roles, String>>();
        let states = certificate.states.iter().map(|state| Ok((state.admin, state.asked, all(&state.roles)?)));
        Ok(Cover {
            never: all(&certificate.never)?,
            helps: all(&certificate.helps)?,
            hinders: all(&certificate.hinders)?,
            at_hand: all(&certificate.at_hand)?,
            states: states.collect::<Result<_, String>>()?,
        })
    }

    fn is_listed(&self, role: usize) -> bool {
        self.helps.contains(&role) || self.hinders.contains(&role)
    }

    /// Whether what is held is no better than a set: of what only helps not more, of what only hinders not less, of the rest
    /// exactly that.
    fn covers(&self, set: &Roles, held: &Roles) -> bool {
        let listed = self.helps.union(&self.hinders);
        listed.into_iter().all(|role| match (self.helps.contains(role), self.hinders.contains(role)) {
            (true, false) => !held.contains(role) || set.contains(role),
            (false, true) => held.contains(role) || !set.contains(role),
            _ => held.contains(role) == set.contains(role),
        })
    }

    fn is_covered(&self, sort: (bool, bool), held: &Roles) -> bool {
        self.states.iter().any(|(admin, asked, set)| (*admin, *asked) == sort && self.covers(set, held))
    }

    fn may(&self, admin: Option<usize>) -> bool {
        admin.is_none_or(|role| self.at_hand.contains(&role))
    }

    /// The assignments that count: of what helps, and ever used. Giving what only hinders leaves whoever gets it covered.
    fn gives<'f>(&self, file: &'f File) -> impl Iterator<Item = &'f Assign> {
        file.assigns.iter().filter(|rule| self.helps.contains(&rule.role) && !self.is_dead(rule))
    }

    /// The revocations that count: of what hinders, and ever used. Taking what only helps leaves whoever loses it covered.
    fn takes<'f>(&self, file: &'f File) -> impl Iterator<Item = &'f Revoke> {
        file.revokes.iter().filter(|rule| self.hinders.contains(&rule.role) && rule.admin.is_none_or(|role| !self.never.contains(&role)))
    }

    /// Whether an assignment asks for a role that nobody ever holds.
    fn is_dead(&self, rule: &Assign) -> bool {
        rule.admin.iter().chain(&rule.holds).any(|role| self.never.contains(role))
    }

    /// Administrative roles of the rules that are ever used.
    fn needed(&self, file: &File) -> impl Iterator<Item = usize> {
        self.gives(file).filter_map(|rule| rule.admin).chain(self.takes(file).filter_map(|rule| rule.admin))
    }

    /// Whether the conditions on listed roles let the assignment happen; those on other roles are taken to hold.
    fn fits(&self, rule: &Assign, set: &Roles) -> bool {
        rule.holds.iter().all(|role| !self.is_listed(*role) || set.contains(role))
            && rule.lacks.iter().all(|role| !self.is_listed(*role) || !set.contains(role))
    }
}

/// Whether a certificate proves that nobody ever holds the goal role.
///
/// # Errors
/// A sentence that says which of its conditions does not hold.
pub fn check(file: &File, certificate: &Certificate) -> Result<(), String> {
    let cover = Cover::of(file, certificate)?;
    let name = |role: usize| &file.roles[role];
    if !cover.helps.contains(&file.goal.role) {
        return Err("the goal is not listed among what helps".to_owned());
    }
    let held = |role: &usize| file.held.iter().any(|roles| roles.contains(role)) || file.assigns.iter().any(|rule| rule.role == *role && !cover.is_dead(rule));
    cover.never.iter().find(|role| held(role)).map_or(Ok(()), |role| Err(format!("`{}` may be held after all", name(*role))))?;
    for rule in cover.gives(file) {
        let odd = rule.holds.iter().find(|role| cover.hinders.contains(role) && !cover.helps.contains(role));
        let odd = odd.or_else(|| rule.lacks.iter().find(|role| cover.helps.contains(role) && !cover.hinders.contains(role)));
        odd.map_or(Ok(()), |role| Err(format!("a rule about `{}` asks otherwise for `{}` than its list says", name(rule.role), name(*role))))?;
    }
    for (user, held) in file.held.iter().enumerate() {
        let sort = (file.admins.contains(&user), file.goal.user.is_none_or(|of| of == user));
        let held = held.iter().copied().collect();
        if !cover.is_covered(sort, &held) {
            return Err(format!("`{}` is covered by no set to begin with", file.users[user]));
        }
    }
    cover.states.iter().try_for_each(|state| check_state(file, &cover, state))
}

fn check_state(file: &File, cover: &Cover, (admin, asked, set): &(bool, bool, Roles)) -> Result<(), String> {
    let name = |role: usize| &file.roles[role];
    if *asked && set.contains(&file.goal.role) {
        return Err("a set holds the goal".to_owned());
    }
    // Of a role that is not listed nobody knows who holds it.
    let held = |role: &usize| *admin && (set.contains(role) || !cover.is_listed(*role));
    if let Some(role) = cover.needed(file).find(|role| held(role) && !cover.at_hand.contains(role)) {
        return Err(format!("administrators may hold `{}`, and it is not at hand", name(role)));
    }
    let after = |role: usize, gives: bool| {
        let mut after = set.clone();
        if gives {
            after.insert(role)
        } else {
            after.remove(&role)
        };
        after
    };
    let gives = cover.gives(file).filter(|rule| cover.may(rule.admin) && cover.fits(rule, set));
    let takes = cover.takes(file).filter(|rule| cover.may(rule.admin));
    let next = gives.map(|rule| (rule.role, true)).chain(takes.map(|rule| (rule.role, false)));
    let open = next.into_iter().find(|&(role, gives)| !cover.is_covered((*admin, *asked), &after(role, gives)));
    open.map_or(Ok(()), |(role, gives)| Err(format!("{} `{}` leads out of the sets", if gives { "giving" } else { "taking" }, name(role))))
}

/// Takes the steps of a witness: each must be permitted by a rule in its turn, and in the end the goal must be held.
///
/// # Errors
/// A sentence that says which step is not permitted.
pub fn replay(file: &File, witness: &Witness) -> Result<(), String> {
    let user = |name: &String| file.users.iter().position(|user| user == name).ok_or_else(|| format!("`{name}` is no user"));
    let role = |name: &String| file.roles.iter().position(|role| role == name).ok_or_else(|| format!("`{name}` is no role"));
    let mut held: Vec<Roles> = file.held.iter().map(|roles| roles.iter().copied().collect()).collect();
    for step in &witness.steps {
        let (admin, target, changed) = (user(&step.admin)?, user(&step.user)?, role(&step.role)?);
        let by = |needed: Option<usize>| file.admins.contains(&admin) && needed.is_none_or(|role| held[admin].contains(&role));
        let permitted = if step.gives {
            file.assigns.iter().any(|rule| {
                let fits = rule.holds.iter().all(|role| held[target].contains(role)) && rule.lacks.iter().all(|role| !held[target].contains(role));
                rule.role == changed && by(rule.admin) && fits
            })
        } else {
            file.revokes.iter().any(|rule| rule.role == changed && by(rule.admin))
        };
        if !permitted {
            return Err(format!("no rule permits: {step}"));
        }
        if step.gives {
            held[target].insert(changed)
        } else {
            held[target].remove(&changed)
        };
    }
    let (owner, goal) = (user(&witness.user)?, file.goal.role);
    let asked = file.goal.user.is_none_or(|of| of == owner);
    if asked && held[owner].contains(&goal) { Ok(()) } else { Err("in the end the goal is not held".to_owned()) }
}

/// Whether the goal can be reached, by trying every sequence. For small files only: states are all users with all their roles.
#[must_use]
pub fn exhaustive(file: &File) -> bool {
    let start: Vec<Roles> = file.held.iter().map(|roles| roles.iter().copied().collect()).collect();
    let (mut seen, mut queue) = (BTreeSet::from([start.clone()]), VecDeque::from([start]));
    while let Some(held) = queue.pop_front() {
        let asked = |user: usize| file.goal.user.is_none_or(|of| of == user);
        if held.iter().enumerate().any(|(user, roles)| asked(user) && roles.contains(&file.goal.role)) {
            return true;
        }
        let by = |needed: Option<usize>| file.admins.iter().any(|&admin| needed.is_none_or(|role| held[admin].contains(&role)));
        for user in 0..held.len() {
            let roles = &held[user];
            let fits = |rule: &&Assign| rule.holds.iter().all(|role| roles.contains(role)) && rule.lacks.iter().all(|role| !roles.contains(role));
            let gives = file.assigns.iter().filter(fits).filter(|rule| by(rule.admin)).map(|rule| (rule.role, true));
            let takes = file.revokes.iter().filter(|rule| by(rule.admin)).map(|rule| (rule.role, false));
            for (role, given) in gives.chain(takes) {
                let mut next = held.clone();
                if given {
                    next[user].insert(role)
                } else {
                    next[user].remove(&role)
                };
                if seen.insert(next.clone()) {
                    queue.push_back(next);
                }
            }
        }
    }
    false
}
