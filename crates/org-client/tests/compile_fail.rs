//! What cannot be written. Each case has a twin that compiles, so that it fails for the reason that it names.

#[test]
fn a_request_needs_a_session_and_a_session_needs_a_confirmed_switch() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile_fail/twin_request_through_a_session.rs");
    cases.compile_fail("tests/compile_fail/request_without_a_session.rs");
    cases.compile_fail("tests/compile_fail/session_from_nothing.rs");
    cases.compile_fail("tests/compile_fail/session_from_a_literal.rs");
    cases.compile_fail("tests/compile_fail/request_for_another_org.rs");
    cases.compile_fail("tests/compile_fail/cache_of_ones_own.rs");
}
