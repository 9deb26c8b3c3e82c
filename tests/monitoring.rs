//! What an operator is given to watch a server with asks for what it tells.

#![cfg(all(feature = "server", unix))]

mod served;

use serde_json::Value;

use served::{root, Server};

#[test]
fn alerts_and_the_dashboard_ask_for_metrics_that_there_are() {
    let server = Server::with_models();
    let told = String::from_utf8(server.get("/metrics", &[]).body).unwrap();
    let known: Vec<&str> = told.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let dashboard: Value =
        serde_json::from_slice(&std::fs::read(root().join("docs/monitoring/dashboard.json")).unwrap()).unwrap();
    let mut asked = std::fs::read_to_string(root().join("docs/monitoring/alerts.yml")).unwrap();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            asked += target["expr"].as_str().unwrap();
            asked.push(' ');
        }
    }
    let words = asked.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let names: Vec<&str> = words.filter(|word| word.starts_with("shine_") || word.starts_with("process_")).collect();
    assert!(names.len() > 25);
    for name in names {
        let plain = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        assert!(known.contains(&name) || known.contains(&plain), "{name} is not in {known:?}");
    }
}
