//! The README under test: its Rust as doctests, its policies compiled.

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(test)]
mod tests {
    use tenantry::{Error, Policy};

    #[test]
    fn policies_compile() -> Result<(), Error> {
        let blocks: Vec<&str> = include_str!("../../../README.md").split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert!(!blocks.is_empty());
        blocks.into_iter().try_for_each(|policy| Policy::parse_toml(policy).map(drop))
    }
}
