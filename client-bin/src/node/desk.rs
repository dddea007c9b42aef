use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::asker::Asker;
use super::seat_id::SeatId;
use super::seat_queue::{Manner, SeatQueue};
use crate::ndjson::{Event, Reference};

/// How long the end of a node, or of one who attached to it, may wait for messages on their way to
/// arrive.
pub(super) const SETTLE: Duration = Duration::from_secs(3);
/// Commands that may be attached at a time; with their queues they bound the node's memory.
const MAX_GUESTS: usize = 32;

/// Is where a node tells what happens: everything to everybody, but answers to whoever asked.
#[derive(Debug, Default)]
pub(super) struct Desk {
    seats: BTreeMap<SeatId, SeatQueue>,
    /// The number of the next seat.
    next: u64,
    /// The node tells nothing more.
    ended: bool,
}

impl Desk {
    /// Gives somebody a seat; there may be none left.
    pub(super) fn sit(&mut self, manner: Manner) -> Option<SeatId> {
        if self.ended || (manner == Manner::Guest && self.guests() >= MAX_GUESTS) {
            return None;
        }
        let id = SeatId(self.next);
        self.next += 1;
        self.seats.insert(id, SeatQueue::new(manner));
        Some(id)
    }

    /// Takes a seat away.
    pub(super) fn stand(&mut self, id: SeatId) {
        self.seats.remove(&id);
    }

    /// Returns how many seats are taken by attached commands.
    pub(super) fn guests(&self) -> usize {
        self.seats.values().filter(|queue| queue.manner == Manner::Guest).count()
    }

    /// Tells everybody.
    pub(super) fn tell_all(&mut self, event: Event<'static>) {
        let event = Rc::new(event);
        for queue in self.seats.values_mut() {
            queue.push(event.clone());
        }
    }

    /// Tells one alone.
    pub(super) fn tell(&mut self, id: SeatId, event: Event<'static>) {
        if let Some(queue) = self.seats.get_mut(&id) {
            queue.push(Rc::new(event));
        }
    }

    /// Tells one alone what came of its command, which has its outcome with that. Others may be
    /// told the same.
    pub(super) fn answer(&mut self, id: SeatId, event: impl Into<Rc<Event<'static>>>) {
        if let Some(queue) = self.seats.get_mut(&id) {
            queue.push(event.into());
            queue.settle_one();
        }
    }

    /// Tells everybody what came of a command; its reference means something only to the asker.
    pub(super) fn tell_of(&mut self, asker: &Asker, event: Event<'static>) {
        let event = Rc::new(event);
        for (id, queue) in &mut self.seats {
            match &asker.reference {
                Some(reference) if *id == asker.seat => {
                    queue.push(Rc::new(marked(&event, reference)));
                }
                Some(_) | None => queue.push(event.clone()),
            }
        }
    }

    /// Notes that the outcome of a command is open.
    pub(super) fn expect(&mut self, id: SeatId) {
        if let Some(queue) = self.seats.get_mut(&id) {
            queue.outstanding += 1;
        }
    }

    /// Notes that a command has its outcome, after that was told.
    pub(super) fn settle(&mut self, id: SeatId) {
        if let Some(queue) = self.seats.get_mut(&id) {
            queue.settle_one();
        }
    }

    /// Ends all seats after the events in their queues.
    pub(super) fn end(&mut self) {
        self.ended = true;
        self.seats.values_mut().for_each(SeatQueue::end);
    }

    /// Returns the queue of a seat.
    pub(super) fn queue(&mut self, id: SeatId) -> Option<&mut SeatQueue> {
        self.seats.get_mut(&id)
    }

    /// Takes out the next event for a seat; `None` after the last one.
    pub(super) fn poll_next(
        &mut self,
        id: SeatId,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Rc<Event<'static>>>> {
        self.seats.get_mut(&id).map_or(Poll::Ready(None), |queue| queue.poll_next(cx))
    }

    /// Tells whether whoever the node runs for does not keep up.
    pub(super) fn is_crowded(&self) -> bool {
        self.seats.values().any(SeatQueue::is_crowded)
    }

    /// Tells whether what is told to one alone would be too much.
    pub(super) fn is_crowded_at(&self, id: SeatId) -> bool {
        self.seats.get(&id).is_some_and(SeatQueue::is_crowded)
    }

    /// Wakes those who wait until there is room for their commands.
    pub(super) fn wake_givers(&mut self) {
        self.seats.values_mut().for_each(SeatQueue::wake_giver);
    }
}

/// Returns an event with the reference of the command it is about.
fn marked(event: &Event<'static>, mark: &Reference) -> Event<'static> {
    let mut event = event.clone();
    match &mut event {
        Event::State { reference, .. }
        | Event::Error { reference, .. }
        | Event::Contact { reference, .. }
        | Event::FileOffer { reference, .. }
        | Event::FileProgress { reference, .. }
        | Event::FileDone { reference, .. }
        | Event::FileFailed { reference, .. }
        | Event::Files { reference, .. } => {
            *reference = Some(mark.clone());
        }
        Event::Ready { .. }
        | Event::Presence { .. }
        | Event::Path { .. }
        | Event::Message { .. }
        | Event::KeyChanged { .. }
        | Event::Server { .. }
        | Event::History { .. }
        | Event::Who { .. } => {}
    }
    event
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn event(reference: Option<&str>) -> Event<'static> {
        let reference = reference.map(|text| Reference::Text(text.into()));
        Event::Error { code: "code".into(), message: "text".into(), reference }
    }

    fn next(desk: &mut Desk, id: SeatId) -> Option<Event<'static>> {
        match desk.poll_next(id, &mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(event)) => Some((*event).clone()),
            Poll::Ready(None) | Poll::Pending => None,
        }
    }

    #[test]
    fn a_reference_goes_to_the_asker_alone() {
        let mut desk = Desk::default();
        let [host, guest] =
            [Manner::Host, Manner::Guest].map(|manner| desk.sit(manner).expect("seat"));
        let asker = Asker { seat: guest, reference: Some(Reference::Text("1".into())) };
        desk.tell_of(&asker, event(None));
        assert_eq!(next(&mut desk, host), Some(event(None)));
        assert_eq!(next(&mut desk, guest), Some(event(Some("1"))));
        // Nobody inherits it.
        desk.stand(guest);
        let later = desk.sit(Manner::Guest).expect("seat");
        desk.tell_of(&asker, event(None));
        assert_eq!(next(&mut desk, host), Some(event(None)));
        assert_eq!(next(&mut desk, later), Some(event(None)));
    }

    #[test]
    fn seats_are_bounded_and_none_is_given_after_the_end() {
        let mut desk = Desk::default();
        let host = desk.sit(Manner::Host).expect("seat");
        let first = desk.sit(Manner::Guest).expect("seat");
        for _ in 1..MAX_GUESTS {
            assert!(desk.sit(Manner::Guest).is_some());
        }
        assert_eq!(desk.sit(Manner::Guest), None);
        desk.stand(first);
        assert!(desk.sit(Manner::Guest).is_some());
        desk.tell(host, event(None));
        desk.end();
        desk.stand(SeatId(5));
        assert_eq!(desk.sit(Manner::Guest), None);
        desk.tell_all(event(None));
        assert_eq!(next(&mut desk, host), Some(event(None)));
        assert_eq!(next(&mut desk, host), None);
    }
}
