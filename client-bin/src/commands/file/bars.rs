use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::item::Item;
use super::standing::Standing;
use crate::ndjson::FileState;

/// Columns of a name that are shown beside its bar.
const NAME: usize = 24;
/// A name, how far it is as a bar, and in words.
const MOVING: &str = "{prefix}  [{bar:20}] {wide_msg}";
/// A name, and words.
const WAITING: &str = "{prefix}  {wide_msg}";

/// Shows on a terminal how transfers go: a line for each that is under way, and above them what has
/// come of the others.
pub(super) struct Bars {
    all: MultiProgress,
    /// That of each item, until it is over.
    bars: Vec<Option<ProgressBar>>,
}

impl Bars {
    pub(super) fn new(count: usize) -> Self {
        let all = MultiProgress::new();
        let bars = (0..count).map(|_| Some(all.add(ProgressBar::no_length()))).collect();
        Self { all, bars }
    }

    /// Shows how far an item is.
    pub(super) fn show(&mut self, index: usize, item: &Item, connected: bool) {
        let text = item.text(connected);
        if item.is_over() {
            if let Some(bar) = self.bars.get_mut(index).and_then(Option::take) {
                bar.finish_and_clear();
                self.all.remove(&bar);
                self.say(&format!("{}: {text}", item.title()));
            }
            return;
        }
        let Some(Some(bar)) = self.bars.get(index) else { return };
        bar.set_style(style(item));
        bar.set_prefix(short(&item.title()));
        bar.set_length(100);
        bar.set_position(item.per_cent());
        bar.set_message(text);
        bar.tick();
    }

    /// Writes a line above the bars.
    pub(super) fn say(&self, line: &str) {
        // It fails if the terminal is gone, and then nobody sees it.
        let _ = self.all.println(line);
    }

    /// Takes the bars away.
    pub(super) fn clear(&self) {
        let _ = self.all.clear();
    }
}

fn style(item: &Item) -> ProgressStyle {
    let template = match item.standing {
        Standing::Going {
            state: FileState::Hashing | FileState::Moving | FileState::Checking,
            ..
        } => MOVING,
        _ => WAITING,
    };
    // Both templates are well-formed, as a test says.
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

/// Shortens a name to what has room beside a bar.
fn short(name: &str) -> String {
    match name.char_indices().nth(NAME) {
        None => name.to_owned(),
        Some(_) => name.chars().take(NAME - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_well_formed() {
        for template in [MOVING, WAITING] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(short("holiday.mp4"), "holiday.mp4");
        let name = "é".repeat(NAME);
        assert_eq!(short(&name), name);
        assert_eq!(short(&format!("{name}x")), format!("{}…", "é".repeat(NAME - 1)));
    }
}
