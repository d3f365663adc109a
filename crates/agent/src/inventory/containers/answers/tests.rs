//! Recorded from Docker 20.10.24 and podman 4.3.1, with what is not looked at left out of the long answers.

use super::*;
use serde_json::json;

fn recorded(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// The containers of an engine, by name.
fn reports(list: &str, inspect: &str, stats: &str) -> Vec<ContainerReport> {
    let (list, inspect, stats) = (recorded(list), recorded(inspect), recorded(stats));
    let mut listed: Vec<_> = list.as_array().expect("a list").iter().filter_map(Listed::read).collect();
    listed.sort_by(|a, b| a.name.cmp(&b.name));
    let report = |mut listed: Listed| {
        let detail = Detail::read(&inspect[&listed.name]);
        let usage = stats.get(&listed.name).map(Usage::read);
        listed.state = detail.state.unwrap_or(listed.state);
        listed.report(Some(&detail), usage.as_ref(), usage.as_ref().map(|_| 0.5))
    };
    listed.into_iter().map(report).collect()
}

fn docker() -> Vec<ContainerReport> {
    reports(
        include_str!("../recorded/docker-list.json"),
        include_str!("../recorded/docker-inspect.json"),
        include_str!("../recorded/docker-stats.json"),
    )
}

fn podman() -> Vec<ContainerReport> {
    reports(
        include_str!("../recorded/podman-list.json"),
        include_str!("../recorded/podman-inspect.json"),
        include_str!("../recorded/podman-stats.json"),
    )
}

#[test]
fn dockers_answers_are_read() {
    let [fails, made, nets, web] = <[_; 4]>::try_from(docker()).expect("four");
    let expected = ContainerReport {
        engine_id: "f3affcdb4fbb247f2674e04aec99d24c58506dfec68782865b4de2b353a2bbc2".to_owned(),
        name: "web".to_owned(),
        image: "bb:1".to_owned(),
        state: ContainerState::Running,
        health: Some(ContainerHealth::Healthy),
        exit_code: None,
        restarts: 0,
        created_at: Some(1_795_656_349_000_000),
        started_at: Some(1_795_656_350_115_281),
        cpu_percent: Some(50.0),
        mem_used_bytes: Some(786_432),
        mem_limit_bytes: Some(64 << 20),
        received_bytes: None,
        sent_bytes: None,
        project: Some("shop".to_owned()),
        service: None,
    };
    assert_eq!(web, expected);
    assert_eq!((fails.state, fails.exit_code, fails.restarts), (ContainerState::Exited, Some(3), 2));
    assert_eq!((made.state, made.exit_code, made.started_at), (ContainerState::Created, None, None));
    assert_eq!((nets.mem_limit_bytes, nets.health), (None, None), "no limit is none, and not the machine's memory");
}

#[test]
fn podmans_answers_are_read() {
    let [fails, hc, made, orphan, web] = <[_; 5]>::try_from(podman()).expect("five");
    assert_eq!((fails.state, fails.exit_code, fails.health), (ContainerState::Exited, Some(3), None));
    assert_eq!((hc.health, hc.mem_limit_bytes), (Some(ContainerHealth::Starting), Some(64 << 20)));
    assert_eq!(hc.received_bytes, None, "podman tells a network of zeros where there is none");
    assert_eq!((made.state, made.started_at), (ContainerState::Created, None));
    assert_eq!(orphan.state, ContainerState::Running, "podman says that it is stopping");
    assert_eq!((web.image.as_str(), web.mem_used_bytes), ("localhost/bb:1", Some(335_872)));
    assert_eq!([web.project.as_deref(), web.service.as_deref()], [Some("shop"), Some("web")]);
}

#[test]
fn an_engine_says_what_it_is() {
    assert_eq!(engine(&recorded(include_str!("../recorded/docker-version.json"))), "Docker 20.10.24+dfsg1");
    assert_eq!(engine(&recorded(include_str!("../recorded/podman-version.json"))), "Podman 4.3.1");
    assert_eq!(engine(&json!({})), "Docker");
}

#[test]
fn the_page_cache_is_not_in_use_in_either_version_of_control_groups() {
    let used =
        |stats: Value| Usage::read(&json!({ "memory_stats": { "usage": 1_000, "stats": stats } })).mem_used_bytes;
    assert_eq!(used(json!({ "total_inactive_file": 400, "inactive_file": 1 })), Some(600), "the first");
    assert_eq!(used(json!({ "inactive_file": 300 })), Some(700), "the second");
    assert_eq!(used(json!({ "inactive_file": 1_000 })), Some(1_000), "what cannot be is not taken off");
    assert_eq!(used(Value::Null), Some(1_000));
    assert_eq!(Usage::read(&json!({ "memory_stats": {} })), Usage::default(), "of one that has just ended");
}

#[test]
fn counters_of_all_networks_are_summed_for_one_that_has_its_own() {
    let usage = Usage::read(&json!({ "networks": {
        "eth0": { "rx_bytes": 5, "tx_bytes": 7 }, "eth1": { "rx_bytes": 10, "tx_bytes": 20 },
    } }));
    let listed = || Listed::read(&json!({ "Id": "a" })).expect("an id");
    let of = |mode: &str| {
        let detail = Detail::read(&json!({ "HostConfig": { "NetworkMode": mode } }));
        let report = listed().report(Some(&detail), Some(&usage), None);
        (report.received_bytes, report.sent_bytes)
    };
    for own in ["bridge", "default", "shop_default"] {
        assert_eq!(of(own), (Some(15), Some(27)), "{own}");
    }
    for other in ["host", "none", "container:0123"] {
        assert_eq!(of(other), (None, None), "{other}");
    }
}

#[test]
fn every_word_for_a_state_has_its_meaning() {
    for (words, expected) in [
        (&["created", "configured", "initialized"][..], ContainerState::Created),
        (&["running", "stopping"], ContainerState::Running),
        (&["paused"], ContainerState::Paused),
        (&["restarting"], ContainerState::Restarting),
        (&["removing"], ContainerState::Removing),
        (&["exited", "stopped"], ContainerState::Exited),
        (&["dead"], ContainerState::Dead),
        (&["", "unknown", "Running"], ContainerState::Unknown),
    ] {
        for word in words {
            assert_eq!(state(word), expected, "{word}");
        }
    }
}

#[test]
fn names_and_images_are_told_without_what_goes_without_saying() {
    let read = |item: Value| Listed::read(&item).map(|listed| (listed.name, listed.image));
    let of = |name: &str, image: &str| Some((name.to_owned(), image.to_owned()));
    let item =
        json!({ "Id": "0123456789abcdef", "Names": ["/web/db", "/db"], "Image": "docker.io/library/postgres:16" });
    assert_eq!(read(item), of("db", "postgres:16"));
    let item = json!({ "Id": "0123456789abcdef", "Names": null, "Image": "", "ImageID": "sha256:77" });
    assert_eq!(read(item), of("0123456789ab", "sha256:77"));
    let item = json!({ "Id": "0123456789abcdef", "Names": ["a"], "Image": "docker.io/grafana/grafana" });
    assert_eq!(read(item), of("a", "grafana/grafana"));
    assert_eq!(read(json!({ "Names": ["/a"] })), None, "without an id it cannot be told from another");
}

#[test]
fn text_that_the_server_would_refuse_is_cleaned_or_cut() {
    let long = "é".repeat(300);
    let item = json!({
        "Id": "a\u{0}b", "Names": [format!("/{long}")], "Image": "evil\n\u{1b}[31m:1", "State": 7, "Created": -5,
        "Labels": { "com.docker.compose.project": long, "com.docker.compose.service": "\u{7}" },
    });
    let report = Listed::read(&item).expect("readable").report(None, None, Some(f64::NAN));
    let texts = [&report.engine_id, &report.name, &report.image, report.project.as_ref().expect("a project")];
    for text in texts {
        assert!((1..=255).contains(&text.chars().count()) && !text.chars().any(char::is_control), "{text:?}");
    }
    assert_eq!((report.service, report.state), (None, ContainerState::Unknown));
    assert_eq!((report.created_at, report.cpu_percent), (None, None));
}
