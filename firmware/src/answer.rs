use core::fmt::Write;
use core::time::Duration;

use heapless::String;

use crate::limits::ANSWER;

const HELP: &str = "say: echo TEXT, uptime or stats";

/// Is what the device knows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// The time since start-up.
    pub uptime: Duration,
    /// Bytes of stack that have been in use at once, and how many there are.
    pub stack: (usize, usize),
    /// Answers that found no room.
    pub lost: u32,
}

/// Returns what the device says to a text; no more than it has room for.
pub fn answer(text: &str, status: Status) -> String<ANSWER> {
    let mut answer = String::new();
    let written = match text.split_once(' ').unwrap_or((text, "")) {
        ("echo", rest) => answer.push_str(shortened(rest)).map_err(|_| core::fmt::Error),
        ("uptime", "") => write!(answer, "up {} s", status.uptime.as_secs()),
        ("stats", "") => {
            let Status { stack: (deepest, all), lost, .. } = status;
            write!(answer, "stack {deepest} of {all} bytes, {lost} answers lost")
        }
        _ => write!(answer, "{HELP}"),
    };
    // All of them fit by construction; were one cut, that would be no harm.
    let _ = written;
    answer
}

/// Returns as many whole characters as an answer holds.
fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(ANSWER)]
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    const STATUS: Status =
        Status { uptime: Duration::from_millis(61_999), stack: (7_000, 16_384), lost: 2 };

    #[test]
    fn each_command_has_its_answer() {
        assert_eq!(answer("echo 你 好", STATUS), "你 好");
        assert_eq!(answer("echo", STATUS), "");
        assert_eq!(answer("uptime", STATUS), "up 61 s");
        assert_eq!(answer("stats", STATUS), "stack 7000 of 16384 bytes, 2 answers lost");
        for text in ["", "hello", "uptime?", "uptime now", "Echo a"] {
            assert_eq!(answer(text, STATUS), HELP, "{text}");
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let text = "好".repeat(ANSWER);
        let echoed = answer(&std::format!("echo {text}"), STATUS);
        assert_eq!(echoed.len(), ANSWER - ANSWER % 3);
        assert!(text.starts_with(echoed.as_str()));
    }
}
