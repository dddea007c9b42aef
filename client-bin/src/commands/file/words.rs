//! What people are told about transfers.

use breeze_server::host::size::show_size;

use super::item::Item;
use super::standing::Standing;
use crate::ndjson::{FileKind, FileState, PathKind, Via};
use crate::text::printable_name;

/// Digits of a transfer's id that people are shown: enough to tell some thousands apart.
const SHORT_ID: usize = 8;

/// Returns the first digits of what a transfer is called.
pub(in crate::commands) fn short_id(transfer: &str) -> &str {
    transfer.get(..SHORT_ID).unwrap_or(transfer)
}

/// Describes what is offered, by its name, kind and size.
pub(in crate::commands) fn content(name: &str, kind: FileKind, size: u64, files: u32) -> String {
    let (name, size) = (printable_name(name), show_size(size));
    match kind {
        FileKind::File => format!("{name}, {size}"),
        FileKind::Folder => {
            let plural = if files == 1 { "" } else { "s" };
            format!("the folder {name}, {files} file{plural}, {size}")
        }
    }
}

/// Says why a transfer to a user, or from one, was given up, and what to do.
pub(in crate::commands) fn end_text(
    peer: &str,
    sends: bool,
    reason: &str,
    message: &str,
) -> String {
    let again = match sends {
        true => "send it again".to_owned(),
        false => format!("ask {peer} to send it again"),
    };
    match reason {
        "rejected" if sends => format!("{peer} does not want it"),
        "rejected" => "it was rejected here".into(),
        "cancelled" => "it was cancelled".into(),
        "changed" => format!("it has changed since it was offered, or is gone; {again}"),
        "unknown" => format!("{peer} knows nothing of it any more; {again}"),
        "corrupt" => format!("a part of it came wrong again and again; {again}"),
        "malformed" => {
            "what was offered is not well-formed; is breeze up to date on both sides?".into()
        }
        "too_many" if sends => format!(
            "{peer} has as many offers as are kept; send it again when {peer} has accepted or \
             rejected some"
        ),
        // What the node knows beyond that.
        _ => printable_name(message),
    }
}

impl Item {
    /// Returns its name, fit for a terminal.
    pub(super) fn title(&self) -> String {
        printable_name(&self.name)
    }

    /// Says how far it has got; `connected` tells whether there is a session with the server.
    pub(super) fn text(&self, connected: bool) -> String {
        let peer = &self.peer;
        match &self.standing {
            Standing::Asked => "asking the node".into(),
            Standing::Going { state, bytes, rate, via, reason } => match state {
                FileState::Hashing => {
                    format!("reading it before it is offered, {}", self.percent())
                }
                FileState::Moving => self.moving(*bytes, *rate, *via),
                FileState::Checking => format!("checking what is there, {}", self.percent()),
                FileState::Held => self.held(reason.as_deref()),
                FileState::Offered | FileState::Waiting => {
                    self.waiting(reason.as_deref(), connected)
                }
                FileState::Done | FileState::Failed => "ending".into(),
            },
            Standing::Done { path, bytes, ms, via } => {
                let (size, time, way) = (show_size(*bytes), show_time(*ms), way(*via));
                match self.sends {
                    true => format!("{peer} has it: {size} in {time}, {way}"),
                    false => format!("{size} in {time}, {way}, is in {}", printable_name(path)),
                }
            }
            Standing::Failed { reason, message } => {
                format!("failed: {}", end_text(peer, self.sends, reason, message))
            }
            Standing::Refused(message) => format!("failed: {}", printable_name(message)),
        }
    }

    fn moving(&self, bytes: u64, rate: u64, via: Option<PathKind>) -> String {
        let size = self.size.unwrap_or(0);
        let mut parts = vec![
            self.percent(),
            format!("{} of {}", show_size(bytes), show_size(size)),
            format!("{}/s", show_size(rate)),
        ];
        match via {
            Some(PathKind::Direct) => parts.push("direct".into()),
            Some(PathKind::Relay) => parts.push("through the server".into()),
            Some(PathKind::None) | None => {}
        }
        if let Some(seconds) = size.saturating_sub(bytes).checked_div(rate) {
            parts.push(match seconds {
                0..60 => format!("{seconds} s left"),
                _ => format!("{} left", show_time(seconds.saturating_mul(1000))),
            });
        }
        parts.join(", ")
    }

    fn waiting(&self, reason: Option<&str>, connected: bool) -> String {
        let peer = &self.peer;
        match reason {
            Some("offline") | None if !connected => {
                "waits: the server cannot be reached, trying again".into()
            }
            None if self.sends => format!("offered, waits for {peer} to accept"),
            None => format!("waits for {peer}"),
            Some("offline") => format!("waits: {peer} is not online"),
            Some("queued") => "waits for other transfers to end".into(),
            Some("no_relay") => format!(
                "waits: there is no direct link with {peer}, and the server passes no files on"
            ),
            Some("too_large_for_relay") => format!(
                "waits: there is no direct link with {peer}, and it is larger than what the server \
                 passes on{}",
                self.limit
                    .map(|limit| format!(", {} at most", show_size(limit)))
                    .unwrap_or_default()
            ),
            Some(other) => format!("waits: {}", printable_name(other)),
        }
    }

    fn held(&self, reason: Option<&str>) -> String {
        match reason {
            Some("disk_full") if self.sends => {
                format!("held: the disk of {} is full; it goes on when there is room", self.peer)
            }
            Some("disk_full") => "held: the disk is full; it goes on when there is room".into(),
            Some("paused") | None => "paused".into(),
            Some(other) => format!("held: {}", printable_name(other)),
        }
    }

    fn percent(&self) -> String {
        format!("{} %", self.per_cent())
    }

    /// Returns how much of it is there, in hundredths, rounded down.
    pub(super) fn per_cent(&self) -> u64 {
        match (&self.standing, self.size) {
            (Standing::Done { .. }, _) => 100,
            (Standing::Going { bytes, .. }, Some(size)) => per_cent(*bytes, size),
            _ => 0,
        }
    }
}

/// Returns a part in hundredths of the whole, rounded down; nothing is all of nothing.
pub(super) fn per_cent(bytes: u64, size: u64) -> u64 {
    let share = (u128::from(bytes) * 100).checked_div(u128::from(size)).unwrap_or(100);
    u64::try_from(share.min(100)).unwrap_or(100)
}

fn way(via: Via) -> &'static str {
    match via {
        Via::Direct => "direct",
        Via::Relay => "through the server",
        Via::Mixed => "partly through the server",
    }
}

/// Shows a time in its two largest units.
fn show_time(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..60 => format!("{seconds}.{} s", ms % 1000 / 100),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::super::watch::tests::{ONE, done, offer, progress, refused, two};
    use super::*;
    use crate::ndjson::Event;

    fn text(event: &Event<'_>) -> String {
        let mut watch = two();
        watch.note(event);
        watch.items[0].text(true)
    }

    #[test]
    fn says_how_far_it_is() {
        let going = |state, reason| text(&progress(ONE, Some(1), state, reason));
        assert_eq!(
            going(FileState::Moving, None),
            "30 %, 3 MiB of 10 MiB, 1 MiB/s, direct, 7 s left"
        );
        assert_eq!(going(FileState::Hashing, None), "reading it before it is offered, 30 %");
        assert_eq!(text(&offer(ONE, Some(1))), "offered, waits for bob to accept");
        assert_eq!(text(&refused(1)), "failed: 'x:y' cannot be a name");
        let mut watch = two();
        watch.note(&offer(ONE, Some(1)));
        watch.note(&done(ONE));
        assert_eq!(watch.items[0].text(true), "bob has it: 10 MiB in 9.8 s, direct");
        watch.items[0].sends = false;
        assert_eq!(watch.items[0].text(true), "10 MiB in 9.8 s, direct, is in /x/a.txt");
    }

    #[test]
    fn says_for_what_it_waits() {
        let waiting = |reason| text(&progress(ONE, Some(1), FileState::Waiting, Some(reason)));
        for (reason, words) in [
            ("offline", "bob is not online"),
            ("queued", "other transfers"),
            ("no_relay", "passes no files on"),
            ("too_large_for_relay", "larger than what the server passes on, 5 MiB at most"),
            ("lat\u{1b}er", "waits: later"),
        ] {
            assert!(waiting(reason).contains(words), "{}", waiting(reason));
        }
        let held = text(&progress(ONE, Some(1), FileState::Held, Some("disk_full")));
        assert!(held.contains("disk of bob is full"), "{held}");
        let mut watch = two();
        watch.note(&offer(ONE, Some(1)));
        assert!(watch.items[0].text(false).contains("server cannot be reached"));
    }

    #[test]
    fn every_end_is_explained() {
        use breeze_core::error::FileEnd::{
            Cancelled, Changed, Corrupt, Disk, Malformed, Rejected, TooMany, Unknown,
        };

        for end in [Cancelled, Changed, Corrupt, Malformed, Rejected, TooMany, Unknown] {
            let text = end_text("bob", true, end.code(), "\u{1b}node");
            assert_ne!(text, "node", "{end:?}");
        }
        for code in [Disk.code(), "later"] {
            assert_eq!(end_text("bob", false, code, "\u{1b}node"), "node");
        }
    }

    #[test]
    fn parts_and_times_are_rounded_down() {
        for (bytes, size, share) in
            [(0, 0, 100), (0, 3, 0), (2, 3, 66), (9, 3, 100), (u64::MAX - 1, u64::MAX, 99)]
        {
            assert_eq!(per_cent(bytes, size), share);
        }
        for (ms, text) in [
            (0, "0.0 s"),
            (59_999, "59.9 s"),
            (60_000, "1 min 0 s"),
            (7_265_000, "2 h 1 min"),
            (u64::MAX, "5124095576030 h 25 min"),
        ] {
            assert_eq!(show_time(ms), text);
        }
    }

    #[test]
    fn an_offer_cannot_pass_for_more_than_it_is() {
        assert_eq!(content("a\u{1b}[2J\nb", FileKind::File, 1536, 1), "a[2J b, 1.5 KiB");
        assert_eq!(content("p", FileKind::Folder, 0, 1), "the folder p, 1 file, 0 B");
        assert_eq!(content("p", FileKind::Folder, 0, 7), "the folder p, 7 files, 0 B");
        assert_eq!(short_id(ONE), "3f9a0011");
        assert_eq!(short_id("3f"), "3f");
    }
}
