//! What cannot be written. Each case stands beside a near twin, in `twins.rs`, that compiles: so it fails for the
//! reason that its name says, and not for a slip.

#[path = "compile_fail/twins.rs"]
mod twins;

#[test]
fn what_would_breach_the_first_wall_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/compile_fail/query_*.rs");
    cases.compile_fail("tests/compile_fail/scope_*.rs");
    cases.compile_fail("tests/compile_fail/insert_*.rs");
}
