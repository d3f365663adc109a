use org_client::Cache;

fn main() {
    let _ = Cache::<u8>::new("free-standing");
}
