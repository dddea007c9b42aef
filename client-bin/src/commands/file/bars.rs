use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::item::Item;
use super::standing::Standing;
use crate::ndjson::FileState;

/// Columns of a name that are shown beside its bar.
const NAME: usize = 24;
/// How far it is as a bar, and in words.
const MOVING: &str = "[{bar:20}] {wide_msg}";
/// Words alone.
const WAITING: &str = "{wide_msg}";

/// Shows on a terminal how transfers go: a line for each that is under way, and above them what has
/// come of the others.
pub(super) struct Bars {
    all: MultiProgress,
    /// That of each item, until it is over.
    bars: Vec<Option<ProgressBar>>,
    /// Columns of the longest name.
    width: usize,
}

impl Bars {
    pub(super) fn new(items: &[Item]) -> Self {
        let all = MultiProgress::new();
        let bars = items.iter().map(|_| Some(all.add(ProgressBar::no_length()))).collect();
        let width = items.iter().map(|item| short(&item.title()).chars().count()).max();
        Self { all, bars, width: width.unwrap_or(0) }
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
        bar.set_style(style(template(item), self.width));
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
        // They would come back when they are dropped.
        self.all.set_draw_target(ProgressDrawTarget::hidden());
    }
}

fn template(item: &Item) -> &'static str {
    match item.standing {
        Standing::Going {
            state: FileState::Hashing | FileState::Moving | FileState::Checking,
            ..
        } => MOVING,
        _ => WAITING,
    }
}

/// Puts a name of so many columns before what a template shows.
fn style(template: &str, width: usize) -> ProgressStyle {
    // They are well-formed, as a test says.
    ProgressStyle::with_template(&format!("{{prefix:{width}}}  {template}"))
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
            let whole = format!("{{prefix:7}}  {template}");
            assert!(ProgressStyle::with_template(&whole).is_ok(), "{whole}");
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
