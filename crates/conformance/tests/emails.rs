//! Addresses: which text is one, and its one canonical form.

use proptest::prelude::*;
use tenantry::email::{canonical, domain, split_list};

/// What is accepted, and its canonical form.
const ACCEPTED: &[(&str, &str)] = &[
    ("ann@acme.example", "ann@acme.example"),
    ("Ann@ACME.Example", "ann@acme.example"),
    ("  ann@acme.example\t\r\n", "ann@acme.example"),
    ("\u{a0}ann@acme.example\u{3000}", "ann@acme.example"),
    ("ann.lee+crm@mail.acme.example", "ann.lee+crm@mail.acme.example"),
    ("!#$%&'*+-/=?^_`{|}~@acme.example", "!#$%&'*+-/=?^_`{|}~@acme.example"),
    ("1@2.example", "1@2.example"),
    ("a@b.c", "a@b.c"),
    ("-ann-@a-b.example", "-ann-@a-b.example"),
    ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
    // Other scripts, composed.
    ("Zoë@Bücher.example", "zoë@bücher.example"),
    ("zoe\u{308}@bu\u{308}cher.example", "zoë@bücher.example"),
    ("ΆΝΝΑ@ΑΘΉΝΑ.example", "άννα@αθήνα.example"),
    ("安@例え.example", "安@例え.example"),
    ("🦀@acme.example", "🦀@acme.example"),
    ("ẞ@acme.example", "ß@acme.example"),
    // No language has rules of its own.
    ("I@acme.example", "i@acme.example"),
    ("İ@acme.example", "i\u{307}@acme.example"),
    ("ı@acme.example", "ı@acme.example"),
    // Forms that mean the same letters.
    ("ａｎｎ＠ａｃｍｅ．ｅｘａｍｐｌｅ", "ann@acme.example"),
    ("ﬁnn@acme.example", "finn@acme.example"),
    ("ann²@acme.example", "ann2@acme.example"),
    ("\u{212a}im@acme.example", "kim@acme.example"),
    ("ann\u{ff0b}x@acme.example", "ann+x@acme.example"),
];

const REFUSED: &[&str] = &[
    "",
    " ",
    "@",
    "ann",
    "ann@",
    "@acme.example",
    "acme.example",
    "ann@acme",
    "ann@@acme.example",
    "ann@bob@acme.example",
    "ann@acme..example",
    "ann@.acme.example",
    "ann@acme.example.",
    ".ann@acme.example",
    "ann.@acme.example",
    "ann..lee@acme.example",
    "ann lee@acme.example",
    "ann@ac me.example",
    "ann @acme.example",
    "ann@ acme.example",
    "ann@-acme.example",
    "ann@acme-.example",
    "ann@ac_me.example",
    "ann@acme.example/x",
    "ann@acme.example:25",
    // Forms of RFC 5322 that are not taken.
    "\"ann\"@acme.example",
    "\"ann lee\"@acme.example",
    "ann@[192.0.2.1]",
    "ann@[IPv6:2001:db8::1]",
    "Ann <ann@acme.example>",
    "<ann@acme.example>",
    "ann(her)@acme.example",
    "mailto:ann@acme.example",
    "ann@acme.example,bob@acme.example",
    "ann@acme.example;bob@acme.example",
    "ann\\@acme.example",
    // What nobody sees.
    "an\u{0}n@acme.example",
    "ann\u{7f}@acme.example",
    "ann@acme\n.example",
    "an\u{ad}n@acme.example",
    "an\u{200b}n@acme.example",
    "an\u{200d}n@acme.example",
    "an\u{202e}n@acme.example",
    "an\u{2060}n@acme.example",
    "an\u{feff}n@acme.example",
    "\u{feff}ann@acme.example",
    "an\u{3000}n@acme.example",
    "an\u{e000}n@acme.example",
    "an\u{e0041}n@acme.example",
    "an\u{85}n@acme.example",
    "an\u{34f}n@acme.example",
    "an\u{61c}n@acme.example",
    "an\u{115f}n@acme.example",
    "an\u{1160}n@acme.example",
    "an\u{17b4}n@acme.example",
    "an\u{180b}n@acme.example",
    "an\u{180e}n@acme.example",
    "an\u{2800}n@acme.example",
    "an\u{3164}n@acme.example",
    "an\u{fe0f}n@acme.example",
    "an\u{ffa0}n@acme.example",
    "an\u{1bca0}n@acme.example",
    "an\u{1d173}n@acme.example",
    "an\u{e0100}n@acme.example",
    "ann@ac\u{fe00}me.example",
    "ann@ac\u{2800}me.example",
    "\u{fe0f}ann@acme.example",
    "☺\u{fe0f}@acme.example",
    // What turns into something else on the way.
    "ann\u{a8}@acme.example",
    "ann\u{2025}lee@acme.example",
    "ann@acme\u{2100}.example",
    "ann\u{fe6b}bob@acme.example",
    "ann@acme\u{ff0f}x.example",
];

#[test]
fn accepted_in_one_form() {
    for &(written, expected) in ACCEPTED {
        assert_eq!(canonical(written).as_deref(), Some(expected), "{written:?}");
        assert_eq!(canonical(expected).as_deref(), Some(expected), "{expected:?}");
    }
}

#[test]
fn refused() {
    for written in REFUSED {
        assert_eq!(canonical(written), None, "{written:?}");
    }
}

#[test]
fn lengths_are_those_of_the_canonical_form() {
    let local = |bytes: usize| format!("{}@acme.example", "a".repeat(bytes));
    assert!(canonical(&local(64)).is_some());
    assert_eq!(canonical(&local(65)), None);
    assert!(canonical(&format!("{}@acme.example", "Ｗ".repeat(64))).is_some(), "three bytes each as written, one after");
    assert!(canonical(&format!("{}@acme.example", "é".repeat(32))).is_some());
    assert_eq!(canonical(&format!("{}@acme.example", "é".repeat(33))), None, "bytes, not letters");

    let label = |bytes: usize| format!("ann@{}.example", "a".repeat(bytes));
    assert!(canonical(&label(63)).is_some());
    assert_eq!(canonical(&label(64)), None);

    // 64 bytes, the `@`, and two labels of 63 with their dots leave 61.
    let whole = |rest: usize| format!("{}@{1}.{1}.{2}", "a".repeat(64), "b".repeat(63), "c".repeat(rest));
    assert_eq!(whole(61).len(), 254);
    assert!(canonical(&whole(61)).is_some());
    assert_eq!(canonical(&whole(62)), None);
    assert_eq!(canonical(&"a".repeat(1 << 20)), None);
}

#[test]
fn the_domain_is_what_follows_the_at() {
    assert_eq!(domain("ann@acme.example"), "acme.example");
    assert_eq!(domain("nothing"), "");
}

#[test]
fn lists_are_split_at_commas_and_line_ends() {
    let entries: Vec<&str> = split_list(" ann@acme.example,bob@acme.example\r\n\n ,, zoe at acme ; x\t\rlast ").collect();
    assert_eq!(entries, ["ann@acme.example", "bob@acme.example", "zoe at acme ; x", "last"]);
    assert_eq!(split_list(" , \n").count(), 0);
}

/// Texts that come near to being addresses, in every script.
fn near_addresses() -> impl Strategy<Value = String> {
    let atom = prop_oneof!["[a-zA-Z0-9.+-]{1,12}", "\\PC{1,6}", "[\\p{Lu}\\p{Lt}\\p{M}]{1,6}", "[İIıẞΣσςﬁ½²Å\u{2100}\u{fdfa}]{1,4}"];
    let label = prop_oneof!["[a-zA-Z0-9-]{1,12}", "\\p{L}{1,6}"];
    (atom, prop_oneof![Just("@"), Just("＠"), Just("﹫"), Just("")], label, prop_oneof![Just("."), Just("．"), Just("。")], "[a-z]{1,5}")
        .prop_map(|(atom, at, label, dot, end)| format!("{atom}{at}{label}{dot}{end}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_an_answer(text in any::<String>()) {
        let _ = canonical(&text);
        prop_assert!(split_list(&text).all(|entry| !entry.is_empty() && entry == entry.trim()));
    }

    #[test]
    fn the_canonical_form_is_its_own(text in prop_oneof![near_addresses(), any::<String>()]) {
        if let Some(address) = canonical(&text) {
            prop_assert_eq!(canonical(&address), Some(address.clone()));
            prop_assert!(address.len() <= tenantry::bounds::EMAIL_BYTES.max);
            prop_assert_eq!(address.matches('@').count(), 1);
            prop_assert!(!address.chars().any(|c| c.is_whitespace() || c.is_control()));
            prop_assert!(address.ends_with(domain(&address)) && domain(&address).contains('.'));
        }
    }

    #[test]
    fn case_and_blanks_around_it_say_nothing(local in "[a-z0-9+]{1,20}", label in "[a-z0-9]{1,20}", blanks in "[ \t\n\u{a0}]{0,5}") {
        let address = format!("{local}@{label}.example");
        prop_assert_eq!(canonical(&address), Some(address.clone()));
        prop_assert_eq!(canonical(&format!("{blanks}{}{blanks}", address.to_uppercase())), Some(address));
    }
}
