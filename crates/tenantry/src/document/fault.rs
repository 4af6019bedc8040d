//! What is wrong with a text, and where.

/// What comes of reading: a value, or what is wrong with the text.
pub type Done<T = ()> = Result<T, Box<Fault>>;

/// What is wrong with a text. The tables and lists around the place add the path to it while they are left.
#[derive(Debug)]
pub struct Fault {
    message: String,
    /// The way from there to the top.
    way: Vec<Step>,
    /// Where in the text; until that is settled, where the table or list around it is left.
    at: Option<usize>,
}

#[derive(Debug)]
enum Step {
    Field(String),
    Item(usize),
}

impl Fault {
    /// About what was read, and not about one place in it.
    pub(crate) fn new(message: impl Into<String>) -> Box<Fault> {
        Box::new(Fault { message: message.into(), way: Vec::new(), at: None })
    }

    /// At a place in the text.
    pub(super) fn at(message: impl Into<String>, at: usize) -> Box<Fault> {
        Fault::new(message).or_at(at)
    }

    /// In the field with this name.
    pub(crate) fn under(mut self: Box<Self>, name: &str) -> Box<Fault> {
        self.way.push(Step::Field(name.to_owned()));
        self
    }

    /// In the item with this number.
    pub(super) fn in_item(mut self: Box<Self>, number: usize) -> Box<Fault> {
        self.way.push(Step::Item(number));
        self
    }

    /// At this place in the text, if none is known.
    pub(super) fn or_at(mut self: Box<Self>, at: usize) -> Box<Fault> {
        self.at = self.at.or(Some(at));
        self
    }

    /// About something around that place.
    pub(super) fn nowhere(mut self: Box<Self>) -> Box<Fault> {
        self.at = None;
        self
    }

    /// About the whole of what was read.
    pub(super) fn whole(mut self: Box<Self>) -> Box<Fault> {
        (self.way, self.at) = (Vec::new(), None);
        self
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for (depth, step) in self.way.iter().rev().enumerate() {
            match step {
                Step::Field(name) => path.extend([if depth == 0 { "" } else { "." }, name]),
                Step::Item(number) => path.push_str(&format!("[{number}]")),
            }
        }
        path
    }

    /// The path, and the sentence with the place in the text.
    pub(crate) fn told(self, text: &[u8]) -> (String, String) {
        let at = self.at.unwrap_or(text.len());
        let before = &text[..at.min(text.len())];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count();
        (self.path(), format!("{} at line {line} column {column}", self.message))
    }
}
