//! The console in the browser.

fn main() {
    frontend::start();
}
