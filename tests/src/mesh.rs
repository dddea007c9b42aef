use crate::{SocketTable, TestClient};

/// Waits until every two of these clients have a direct path to each other.
#[track_caller]
pub fn wait_mesh(clients: &[&TestClient]) {
    for (one, other) in ordered_pairs(clients) {
        one.wait_path(other.user(), "direct");
    }
}

/// Waits until the kernel knows exactly one connection between every two of these clients.
#[track_caller]
pub fn wait_single_links(clients: &[&TestClient]) {
    SocketTable::poll("one connection for each pair", || {
        let tables: Vec<SocketTable> = clients.iter().map(|client| client.sockets()).collect();
        (0..tables.len()).all(|one| {
            (0..one).all(|other| {
                tables[one].links_to(&tables[other]).len() == 1
                    && tables[other].links_to(&tables[one]).len() == 1
            })
        })
    });
}

/// Lets every client send a text to every other and checks that all go direct at both ends.
#[track_caller]
pub fn expect_direct_chat(clients: &[&TestClient], topic: &str) {
    for (one, other) in ordered_pairs(clients) {
        let text = format!("{topic}: {} to {}", one.user(), other.user());
        let reference = one.send(other.user(), &text);
        assert_eq!(other.wait_message(one.user(), &text)["path"], "direct", "{text}");
        assert_eq!(one.wait_state(&reference, "delivered")["path"], "direct", "{text}");
    }
}

fn ordered_pairs<'a>(
    clients: &'a [&'a TestClient],
) -> impl Iterator<Item = (&'a TestClient, &'a TestClient)> {
    clients.iter().enumerate().flat_map(move |(index, one)| {
        let others = clients.iter().enumerate().filter(move |(other, _)| *other != index);
        others.map(|(_, other)| (*one, *other))
    })
}
