use std::cell::RefCell;
use std::io::{self, IsTerminal};

use super::bars::Bars;
use super::item::Item;
use super::lines::Lines;
use super::watch::{Change, Watch};
use crate::commands::output::Output;
use crate::commands::put_off::is_put_off;
use crate::error::Error;
use crate::ndjson::Event;

/// Shows how transfers go: to a person on standard error, or to a script on standard output.
pub(super) enum View {
    Bars(RefCell<Bars>),
    Lines(RefCell<Lines>),
    Json(Output),
}

impl View {
    /// Chooses what fits, for so many transfers.
    pub(super) fn choose(json: bool, items: &[Item]) -> Self {
        if json {
            Self::Json(Output::open())
        } else if io::stderr().is_terminal() {
            Self::Bars(RefCell::new(Bars::new(items)))
        } else {
            Self::Lines(RefCell::default())
        }
    }

    /// Takes note of an event, and shows what it has changed.
    pub(super) async fn note(
        &self,
        watch: &RefCell<Watch>,
        event: &Event<'static>,
    ) -> Result<(), Error> {
        if let Event::Error { code, message, reference: None } = event
            && is_put_off(code)
        {
            self.say(&format!("breeze: {message}; trying again"));
        }
        let change = watch.borrow_mut().note(event);
        match (self, change) {
            (Self::Json(output), Change::One(at)) => {
                let line = marked(event, &watch.borrow().items[at]).to_line();
                output.write(&line).await
            }
            // How the server is concerns nobody who counts files.
            (Self::Json(_), Change::All) | (_, Change::None) => Ok(()),
            (_, Change::One(at)) => {
                self.show(at, &watch.borrow());
                Ok(())
            }
            (_, Change::All) => {
                let watch = watch.borrow();
                (0..watch.items.len()).for_each(|at| self.show(at, &watch));
                Ok(())
            }
        }
    }

    fn show(&self, at: usize, watch: &Watch) {
        let item = &watch.items[at];
        match self {
            Self::Bars(bars) => bars.borrow_mut().show(at, item, watch.connected),
            Self::Lines(lines) => {
                if let Some(line) = lines.borrow_mut().line(at, item, watch.connected) {
                    eprintln!("{line}");
                }
            }
            Self::Json(_) => {}
        }
    }

    /// Says something to a person.
    pub(super) fn say(&self, text: &str) {
        match self {
            Self::Bars(bars) => bars.borrow().say(text),
            Self::Lines(_) | Self::Json(_) => eprintln!("{text}"),
        }
    }

    /// Leaves the terminal to others.
    pub(super) fn close(&self) {
        if let Self::Bars(bars) = self {
            bars.borrow().clear();
        }
    }
}

/// Returns an event with the mark of its item, which the node leaves out of later ones.
fn marked(event: &Event<'static>, item: &Item) -> Event<'static> {
    let mut event = event.clone();
    if let Event::FileOffer { reference, .. }
    | Event::FileProgress { reference, .. }
    | Event::FileDone { reference, .. }
    | Event::FileFailed { reference, .. } = &mut event
    {
        *reference = Some(item.reference.clone());
    }
    event
}
