use std::process::ExitCode;

use breeze_server::host::size::show_size;

use super::accept::ask;
use super::words::{per_cent, short_id};
use crate::commands::access::Access;
use crate::commands::output::Output;
use crate::commands::role::Role;
use crate::commands::run::run as run_session;
use crate::commands::session::Session;
use crate::error::Error;
use crate::ndjson::{Event, FileEntry, FileKind, FileState};
use crate::text::printable_name;

/// Prints all transfers.
pub(crate) fn list(access: Access, json: bool) -> Result<ExitCode, Error> {
    let user = async |session: &Session| {
        let transfers = ask(session, 1, |_| {}).await?;
        let text = match json {
            true => Event::Files { reference: None, transfers }.to_line(),
            false => table(&transfers),
        };
        Output::open().write(&text).await?;
        Ok(ExitCode::SUCCESS)
    };
    run_session(access, Role::Visitor, user, async |_| Ok(()))
}

/// Lists transfers, one a line: id, with whom, how far, size, and name.
///
/// The name comes last: it is the other's own text, and must not pass for anything else.
fn table(transfers: &[FileEntry<'_>]) -> String {
    if transfers.is_empty() {
        return "no transfers\n".to_owned();
    }
    let rows: Vec<[String; 5]> = transfers.iter().map(row).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let [id, peer, state, size] = [0, 1, 2, 3].map(width);
    rows.iter()
        .map(|row| {
            let [this_id, this_peer, this_state, this_size, name] = row;
            format!(
                "{this_id:id$}  {this_peer:peer$}  {this_state:state$}  {this_size:>size$}  {name}\n"
            )
        })
        .collect()
}

fn row(entry: &FileEntry<'_>) -> [String; 5] {
    let peer = match (&entry.from, &entry.to) {
        (Some(from), _) => format!("from {from}"),
        (None, Some(to)) => format!("to {to}"),
        (None, None) => String::new(),
    };
    let name = printable_name(&entry.name);
    let name = match entry.kind {
        FileKind::File => name,
        FileKind::Folder => format!("{name}/"),
    };
    let id = short_id(&entry.transfer).to_owned();
    [id, peer, state(entry), show_size(entry.size), name]
}

/// Says how far a transfer is, and why no further.
fn state(entry: &FileEntry<'_>) -> String {
    let share = per_cent(entry.bytes, entry.size);
    let text = match entry.state {
        FileState::Offered => "offered".to_owned(),
        FileState::Hashing => format!("reading {share} %"),
        FileState::Waiting => match entry.bytes {
            0 => "waiting".to_owned(),
            _ => format!("waiting {share} %"),
        },
        FileState::Moving => format!("moving {share} %"),
        FileState::Held => format!("held {share} %"),
        FileState::Checking => format!("checking {share} %"),
        FileState::Done => "done".to_owned(),
        FileState::Failed => "failed".to_owned(),
    };
    match &entry.reason {
        Some(reason) => format!("{text} ({})", printable_name(reason)),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use breeze_core::id::UserId;

    use super::*;

    #[test]
    fn the_table_lines_up() {
        let entry = FileEntry {
            transfer: "3f9a00112233445a".into(),
            from: UserId::new("bob").ok(),
            to: None,
            name: "holi\u{1b}day.mp4".into(),
            kind: FileKind::File,
            size: 3 << 29,
            files: 1,
            state: FileState::Offered,
            bytes: 0,
            path: None,
            reason: None,
            since_ms: 0,
        };
        let own = FileEntry {
            transfer: "77e0aa112233445b".into(),
            from: None,
            to: UserId::new("carol").ok(),
            name: "photos".into(),
            kind: FileKind::Folder,
            size: 1000,
            state: FileState::Held,
            bytes: 455,
            reason: Some("disk_full".into()),
            ..entry.clone()
        };
        assert_eq!(
            table(&[entry, own]),
            "3f9a0011  from bob  offered                1.5 GiB  holiday.mp4\n\
             77e0aa11  to carol  held 45 % (disk_full)   1000 B  photos/\n"
        );
        assert_eq!(table(&[]), "no transfers\n");
    }
}
