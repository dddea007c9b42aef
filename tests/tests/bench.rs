//! The benchmarks, as small as they can be: that they come to their end, say what they promise to,
//! and lose nothing. What they find is for machines that have nothing else to do.

use std::time::Duration;

use breeze_tests::{Cli, PATIENCE, TestServer};
use rustix::process::Signal;
use serde_json::{Map, Value};

/// How long a benchmark may take that measures for a second.
const LIMIT: Duration = PATIENCE.saturating_mul(3);

const PROCESSOR: [&str; 2] = ["server_cpu_percent", "load_cpu_percent"];

fn bench(line: &str) -> Cli {
    Cli::breeze().args(["bench"]).args(line.split(' ')).patience(LIMIT)
}

/// Runs a benchmark, checks that it has these figures, and returns all.
#[track_caller]
fn figures(line: &str, names: &[&str]) -> Map<String, Value> {
    let output = bench(line).args(["--json"]).run().expect(0);
    let figures: Map<String, Value> = serde_json::from_str(&output.stdout).expect(&output.stdout);
    let bench = line.split(' ').next();
    assert_eq!(figures["bench"].as_str(), bench, "{figures:#?}");
    for name in names {
        assert!(figures.contains_key(*name), "no {name} in {figures:#?}");
    }
    for (name, figure) in &figures {
        let quantiles = figure.as_object();
        assert!(quantiles.is_none() || name.ends_with("_us") || name.contains("_us_"), "{name}");
        for key in ["count", "p50", "p99", "p999", "max"] {
            assert!(quantiles.is_none_or(|all| all[key].is_number()), "{figures:#?}");
        }
    }
    for none in ["messages_lost", "messages_relayed"] {
        assert!(figures.get(none).is_none_or(|number| *number == 0), "{figures:#?}");
    }
    figures
}

#[track_caller]
fn is_positive(figures: &Map<String, Value>, names: &[&str]) {
    for name in names {
        assert!(figures[*name].as_f64().is_some_and(|number| number > 0.0), "{name}: {figures:#?}");
    }
}

/// Many pairs, long texts, a rate, and one message at a time: all by way of the server.
#[test]
fn relay() {
    let rates = ["messages_per_second", "bytes_per_second", "messages"];
    let names = ["server", "seconds", "pairs", "size_bytes", "messages_lost", "one_way_us"];
    let known = ["messages_per_server_cpu_second", "bytes_per_server_cpu_second"];
    for line in ["--pairs 3 --threads 2", "--size 65536 --window 3", "--rate 200 --size 16"] {
        let figures = figures(&format!("relay --seconds 1 {line}"), &names);
        is_positive(&figures, &rates);
        is_positive(&figures, &known);
        is_positive(&figures, &PROCESSOR);
        assert!(!figures.contains_key("round_trip_us"), "{figures:#?}");
    }
    let figures = figures("relay --seconds 1 --round-trip", &["one_way_us", "round_trip_us"]);
    is_positive(&figures, &["round_trips_per_second"]);
}

/// Direct links, and beside them a bare connection.
#[test]
fn direct() {
    let names = ["messages_lost", "messages_relayed", "one_way_us"];
    let found = figures("direct --pairs 2 --seconds 1", &names);
    is_positive(&found, &["messages_per_second"]);
    assert!(!found.contains_key("tcp_round_trip_us"), "{found:#?}");
    let names = ["one_way_us", "round_trip_us", "tcp_round_trip_us", "round_trip_p50_ratio"];
    for threads in [1, 2] {
        let line = format!("direct --round-trip --seconds 1 --threads {threads}");
        is_positive(&figures(&line, &names), &["round_trips_per_second", "round_trip_p50_ratio"]);
    }
}

/// What idle sessions cost.
#[test]
fn idle() {
    let names = ["rss_bytes_per_session", "pss_bytes_per_session", "server_cpu_ms_per_second"];
    let figures = figures("idle --sessions 20 --seconds 1", &names);
    let positive = [
        "server_rss_bytes",
        "server_pss_bytes",
        "first_log_ins_per_second",
        "presence_bytes_per_log_in_and_subscriber",
    ];
    is_positive(&figures, &positive);
}

/// Everybody linked with everybody, in one thread and in two.
#[test]
fn mesh() {
    for threads in [1, 2] {
        let names = ["seconds_until_logged_in", "seconds_until_meshed", "server_cpu_ms"];
        let figures = figures(&format!("mesh --clients 6 --threads {threads}"), &names);
        assert_eq!(figures["links"], 15, "{figures:#?}");
    }
}

/// Log-ins, and a conversation meanwhile.
#[test]
fn login_storm() {
    let names =
        ["messages_lost", "round_trip_us_before", "presence_bytes_per_log_in_and_subscriber"];
    let figures = figures("login-storm --sessions 60 --at-once 20 --seconds 1", &names);
    let positive = [
        "log_ins_per_second",
        "log_ins_per_server_cpu_second",
        "first_log_ins_per_second",
        "first_log_ins_per_server_cpu_second",
    ];
    is_positive(&figures, &positive);
}

/// A server that is given is measured too, from outside if its process is not named.
#[test]
fn a_given_server() {
    let server = TestServer::start();
    let address = server.address().to_string();
    let found = figures(&format!("relay --seconds 1 --server {address}"), &["load_cpu_percent"]);
    assert_eq!(found["server"], address, "{found:#?}");
    for unknown in ["server_cpu_percent", "messages_per_server_cpu_second"] {
        assert!(!found.contains_key(unknown), "{found:#?}");
    }
    let pid = server.process().pid();
    let line = format!("idle --sessions 5 --seconds 1 --server {address} --server-pid {pid}");
    is_positive(&figures(&line, &["pss_bytes_per_session"]), &["server_rss_bytes"]);
}

/// People get the same as a table.
#[test]
fn a_table() {
    let output = bench("relay --seconds 1").run().expect(0);
    for words in ["breeze bench relay", "messages per second", "one way us", "p99.9"] {
        assert!(output.stdout.contains(words), "no {words} in {output:#?}");
    }
    assert_eq!(output.stderr, "", "progress is for terminals");
}

/// What cannot be done is told before anything is, and what a server refuses, too.
#[test]
fn wrong_options_are_told() {
    for (line, words) in [
        ("relay --size 15", "16..=65536"),
        ("relay --window 257", "1..=256"),
        ("relay --round-trip --rate 5", "cannot be used with"),
        ("mesh --clients 1", "2..=512"),
        ("idle --sessions 0", "1..=1000000"),
        ("login-storm --at-once 1001", "1..=1000"),
        ("relay --server-pid 1", "--server"),
        ("relay --server 127.0.0.1:1 --server-pid 4000000", "4000000"),
        ("nothing", "nothing"),
    ] {
        bench(line).run().expect(2).expect_failure(&[words]);
    }
    bench("idle --sessions 900000").run().expect(1).expect_failure(&["open files", "ulimit"]);
}

/// Who is interrupted leaves no server behind.
#[test]
fn an_interrupted_benchmark_ends_its_server() {
    let mut run = bench("relay --seconds 600").spawn();
    let pid = run.pid();
    let children = || {
        let path = format!("/proc/{pid}/task/{pid}/children");
        std::fs::read_to_string(path).expect("a process that runs").trim().to_owned()
    };
    let begin = std::time::Instant::now();
    while children().is_empty() {
        assert!(begin.elapsed() < PATIENCE, "no server was started");
        std::thread::sleep(Duration::from_millis(10));
    }
    let server = children();
    run.signal(Signal::INT);
    let (status, _) = run.wait_exit();
    assert_eq!(status.code(), Some(130), "{status}");
    assert!(!std::path::Path::new(&format!("/proc/{server}")).exists(), "{server} is left");
}
