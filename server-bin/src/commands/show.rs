//! Users and quotas, as people and scripts read them.

use crate::admin::ListedUser;
use crate::host::size::show_size;
use crate::store::SecretKind;

/// Shows users for scripts: one JSON object a line.
pub(super) fn lines(users: &[ListedUser]) -> String {
    // Names and numbers have a form in JSON, whatever they are.
    users
        .iter()
        .filter_map(|user| serde_json::to_string(user).ok())
        .map(|line| line + "\n")
        .collect()
}

/// Shows users in a table. Who is online is known only if a server runs.
pub(super) fn table(users: &[ListedUser]) -> String {
    if users.is_empty() {
        return "there are no users; 'breeze-server user add NAME' makes one\n".to_owned();
    }
    let runs = users.iter().any(|user| user.online.is_some());
    let head = ["USER", "KEY", "ONLINE", "KEPT", "QUOTA"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head).chain(users.iter().map(row)).collect();
    let mut widths = [0; 5];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.len().max(*width);
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            if column != ONLINE || runs {
                line.push_str(&format!("{cell:width$}  "));
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The column that is shown only if a server runs.
const ONLINE: usize = 2;

fn row(user: &ListedUser) -> [String; 5] {
    let online = match user.online {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    [
        user.user.to_string(),
        key(user),
        online.to_owned(),
        amount(user.messages, user.bytes),
        quota(user.quota_messages, user.quota_bytes),
    ]
}

fn key(user: &ListedUser) -> String {
    let open = match user.secret {
        Some(SecretKind::Code) => Some("code open"),
        Some(SecretKind::Password) => Some("password open"),
        None => None,
    };
    match (&user.fingerprint, open) {
        (Some(fingerprint), None) => fingerprint.clone(),
        (Some(fingerprint), Some(open)) => format!("{fingerprint} ({open})"),
        (None, Some(open)) => format!("not enrolled ({open})"),
        (None, None) => "not enrolled".to_owned(),
    }
}

/// Shows how much may be kept for a user; none is the server's default.
pub(super) fn quota(messages: Option<u64>, bytes: Option<u64>) -> String {
    match (messages, bytes) {
        (None, None) => "default".to_owned(),
        (Some(messages), Some(bytes)) => amount(messages, bytes),
        (Some(messages), None) => format!("{}, default size", count(messages)),
        (None, Some(bytes)) => format!("default number, {}", show_size(bytes)),
    }
}

fn amount(messages: u64, bytes: u64) -> String {
    match messages {
        0 if bytes == 0 => "nothing".to_owned(),
        _ => format!("{}, {}", count(messages), show_size(bytes)),
    }
}

fn count(messages: u64) -> String {
    match messages {
        1 => "1 message".to_owned(),
        _ => format!("{messages} messages"),
    }
}

#[cfg(test)]
mod tests {
    use breeze_core::id::{PublicKey, UserId};

    use super::*;

    fn users() -> [ListedUser; 3] {
        let user = |name| ListedUser {
            user: UserId::new(name).expect("user"),
            fingerprint: None,
            secret: None,
            online: None,
            messages: 0,
            bytes: 0,
            quota_messages: None,
            quota_bytes: None,
        };
        let fingerprint = PublicKey::from_bytes([1; 32]).fingerprint().to_string();
        [
            ListedUser { fingerprint: Some(fingerprint), ..user("al") },
            ListedUser {
                secret: Some(SecretKind::Code),
                messages: 3,
                bytes: 1536,
                ..user("bobby")
            },
            ListedUser {
                secret: Some(SecretKind::Password),
                messages: 1,
                bytes: 12,
                quota_messages: Some(500),
                quota_bytes: Some(10 << 20),
                ..user("c")
            },
        ]
    }

    #[test]
    fn the_table_lines_up() {
        let mut users = users();
        let fingerprint = users[0].fingerprint.clone().expect("a key");
        let dashes = " ".repeat(fingerprint.len() - "not enrolled (code open)".len());
        let wide = " ".repeat(fingerprint.len() - "KEY".len());
        let less = " ".repeat(fingerprint.len() - "not enrolled (password open)".len());
        let stopped = format!(
            "USER   KEY{wide}  KEPT                 QUOTA\n\
             al     {fingerprint}  nothing              default\n\
             bobby  not enrolled (code open){dashes}  3 messages, 1.5 KiB  default\n\
             c      not enrolled (password open){less}  1 message, 12 B      500 messages, 10 MiB\n"
        );
        assert_eq!(table(&users), stopped);
        for user in &mut users {
            user.online = Some(user.user.as_str() == "al");
        }
        let running = format!(
            "USER   KEY{wide}  ONLINE  KEPT                 QUOTA\n\
             al     {fingerprint}  yes     nothing              default\n\
             bobby  not enrolled (code open){dashes}  no      3 messages, 1.5 KiB  default\n\
             c      not enrolled (password open){less}  no      1 message, 12 B      \
             500 messages, 10 MiB\n"
        );
        assert_eq!(table(&users), running);
        assert!(table(&[]).contains("user add"));
    }

    #[test]
    fn scripts_get_one_object_a_line() {
        let mut users = users();
        users[0].online = Some(true);
        let fingerprint = users[0].fingerprint.clone().expect("a key");
        let expected = format!(
            "{{\"user\":\"al\",\"fingerprint\":\"{fingerprint}\",\"secret\":null,\"online\":true,\
             \"messages\":0,\"bytes\":0,\"quota_messages\":null,\"quota_bytes\":null}}\n\
             {{\"user\":\"bobby\",\"fingerprint\":null,\"secret\":\"code\",\"online\":null,\
             \"messages\":3,\"bytes\":1536,\"quota_messages\":null,\"quota_bytes\":null}}\n"
        );
        assert_eq!(lines(&users[..2]), expected);
        assert_eq!(lines(&[]), "");
    }

    #[test]
    fn quotas_say_what_is_the_servers_default() {
        assert_eq!(quota(None, None), "default");
        assert_eq!(quota(Some(1), None), "1 message, default size");
        assert_eq!(quota(None, Some(2048)), "default number, 2 KiB");
        assert_eq!(quota(Some(0), Some(0)), "nothing");
    }
}
