//! Reading the files: sections that begin with a name and end with `;`.

use std::collections::HashMap;
use std::str::FromStr;

/// `<admin,precondition,role>`: an administrator with the admin role may give the role to whoever fits the precondition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assign {
    /// The role of the administrator; none if any will do (`TRUE`).
    pub admin: Option<usize>,
    /// Roles that the user holds.
    pub holds: Vec<usize>,
    /// Roles that the user does not hold.
    pub lacks: Vec<usize>,
    /// The role that is given.
    pub role: usize,
}

/// `<admin,role>`: an administrator with the admin role may take the role from anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revoke {
    /// The role of the administrator; none if any will do (`TRUE`).
    pub admin: Option<usize>,
    /// The role that is taken.
    pub role: usize,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Goal {
    /// Of whom; of anybody if absent.
    pub user: Option<usize>,
    /// The role.
    pub role: usize,
}

/// A file. Users and roles are numbers: places in the lists of their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Names of the roles.
    pub roles: Vec<String>,
    /// Names of the users.
    pub users: Vec<String>,
    /// The users who act as administrators. Without such a section everybody does.
    pub admins: Vec<usize>,
    /// Roles of each user to begin with, sorted.
    pub held: Vec<Vec<usize>>,
    /// What may be given.
    pub assigns: Vec<Assign>,
    /// What may be taken.
    pub revokes: Vec<Revoke>,
    /// What is asked.
    pub goal: Goal,
}

/// Why a text is no such file, and in which line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct NotAFile {
    /// The line, counted from 1; 0 where something is missing altogether.
    pub line: usize,
    /// What was met and what was expected.
    pub message: String,
}

/// The names that stand in one place of the grammar.
struct Names {
    what: &'static str,
    numbers: HashMap<String, usize>,
}

/// A word and its line.
type Word<'t> = (usize, &'t str);

impl Names {
    fn of(what: &'static str, names: &[String]) -> Names {
        Names { what, numbers: names.iter().enumerate().map(|(number, name)| (name.clone(), number)).collect() }
    }

    fn find(&self, (line, name): Word) -> Result<usize, NotAFile> {
        let message = || format!("`{name}` is not one of the {}", self.what);
        self.numbers.get(name).copied().ok_or_else(|| NotAFile { line, message: message() })
    }

    /// A role, or `TRUE`.
    fn find_or_any(&self, word: Word) -> Result<Option<usize>, NotAFile> {
        if word.1 == "TRUE" { Ok(None) } else { self.find(word).map(Some) }
    }
}

impl FromStr for File {
    type Err = NotAFile;

    fn from_str(text: &str) -> Result<File, NotAFile> {
        let sections = sections(text)?;
        let words = |name: &str| sections.get(name).map(Vec::as_slice).unwrap_or_default();
        let listed = |name: &str| words(name).iter().map(|(_, word)| (*word).to_owned()).collect::<Vec<String>>();
        let missing = |name: &str| NotAFile { line: 0, message: format!("the section `{name}` is missing") };
        let (roles, users) = (listed("Roles"), listed("Users"));
        let (role, user) = (Names::of("roles", &roles), Names::of("users", &users));
        let mut held = vec![Vec::new(); users.len()];
        for (line, fields) in tuples::<2>(words("UA"))? {
            held[user.find((line, fields[0]))?].push(role.find((line, fields[1]))?);
        }
        for roles in &mut held {
            roles.sort_unstable();
            roles.dedup();
        }
        let admins = match sections.get("ADMIN") {
            Some(words) => words.iter().map(|&word| user.find(word)).collect::<Result<_, _>>()?,
            None => (0..users.len()).collect(),
        };
        let assigns = tuples::<3>(words("CA"))?.into_iter().map(|(line, fields)| assign(&role, line, fields)).collect::<Result<_, _>>()?;
        let revoke = |(line, fields): (usize, [&str; 2])| Ok(Revoke { admin: role.find_or_any((line, fields[0]))?, role: role.find((line, fields[1]))? });
        let revokes = tuples::<2>(words("CR"))?.into_iter().map(revoke).collect::<Result<_, NotAFile>>()?;
        let goal = match sections.get("SPEC").or_else(|| sections.get("Goal")).ok_or_else(|| missing("SPEC"))?.as_slice() {
            [one] => Goal { user: None, role: role.find(*one)? },
            [of, one] => Goal { user: Some(user.find(*of)?), role: role.find(*one)? },
            words => return Err(NotAFile { line: words.first().map_or(0, |word| word.0), message: "expected `SPEC role` or `SPEC user role`".to_owned() }),
        };
        Ok(File { roles, users, admins, held, assigns, revokes, goal })
    }
}

fn assign(role: &Names, line: usize, [admin, precondition, given]: [&str; 3]) -> Result<Assign, NotAFile> {
    let mut rule = Assign { admin: role.find_or_any((line, admin))?, holds: Vec::new(), lacks: Vec::new(), role: role.find((line, given))? };
    for word in precondition.split('&').filter(|&word| word != "TRUE") {
        match word.strip_prefix('-') {
            Some(word) => rule.lacks.push(role.find((line, word))?),
            None => rule.holds.push(role.find((line, word))?),
        }
    }
    Ok(rule)
}

/// The words of each section.
fn sections(text: &str) -> Result<HashMap<&str, Vec<Word<'_>>>, NotAFile> {
    let mut sections = HashMap::new();
    let mut open: Option<(&str, Vec<Word>)> = None;
    for (line, word) in words(text) {
        match (&mut open, word) {
            (None, ";") => return Err(NotAFile { line, message: "expected the name of a section, met `;`".to_owned() }),
            (None, name) if !SECTIONS.contains(&name) => {
                return Err(NotAFile { line, message: format!("expected one of the sections {}, met `{name}`", SECTIONS.join(", ")) });
            }
            (None, name) if sections.contains_key(name) => return Err(NotAFile { line, message: format!("the section `{name}` stands twice") }),
            (None, name) => open = Some((name, Vec::new())),
            (Some(_), ";") => sections.extend(open.take()),
            (Some((_, words)), word) => words.push((line, word)),
        }
    }
    match open {
        Some((name, _)) => Err(NotAFile { line: text.lines().count(), message: format!("the section `{name}` has no `;` at its end") }),
        None => Ok(sections),
    }
}

const SECTIONS: [&str; 8] = ["Roles", "Users", "ADMIN", "UA", "CR", "CA", "SPEC", "Goal"];

/// Words with their lines; a `;` is a word of its own.
fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let parts = |row| str::split_inclusive(row, [';', ' ', '\t']).flat_map(|part: &str| part.strip_suffix(';').map_or([part, ""], |before| [before, ";"]));
    let rows = text.lines().enumerate();
    rows.flat_map(move |(number, row)| parts(row).map(move |word| (number + 1, word.trim()))).filter(|(_, word)| !word.is_empty())
}

/// Words of the shape `<a,b>`, with `N` fields.
fn tuples<'t, const N: usize>(words: &[Word<'t>]) -> Result<Vec<(usize, [&'t str; N])>, NotAFile> {
    let tuple = |&(line, word): &Word<'t>| {
        let fields = word.strip_prefix('<').and_then(|word| word.strip_suffix('>')).map(|inner| inner.split(',').collect::<Vec<_>>());
        let fields = fields.and_then(|fields| <[&str; N]>::try_from(fields).ok());
        fields.map(|fields| (line, fields)).ok_or_else(|| NotAFile { line, message: format!("expected `<...>` with {N} names between commas, met `{word}`") })
    };
    words.iter().map(tuple).collect()
}
