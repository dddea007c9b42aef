use super::link::Phase;
use super::server::Server;
use crate::error::CloseReason;
use crate::id::LinkId;
use crate::time::Instant;
use crate::wire::Message;

/// News and pages are added to a queue shorter than this: one that is longer shows that the client
/// does not keep up, and what it has not read yet can still be summed up later.
const LOW_QUEUE: usize = 16 * 1024;

/// Building what goes out, in the host's buffer.
impl Server {
    pub(super) fn on_transmit(&mut self, now: Instant, id: LinkId, buf: &mut [u8]) -> usize {
        if self.links.get(id).is_some_and(|link| link.queue.len() < LOW_QUEUE) {
            self.queue_presence(id);
            self.ask_for_page(id);
        }
        let result = self.fill(id, buf);
        let Some(link) = self.links.get_mut(id) else { return result.unwrap_or(0) };
        match result {
            Ok(len) => {
                link.announced &= len > 0;
                let is_over = matches!(link.phase, Phase::Closed);
                self.links.tidy(id);
                if is_over {
                    self.forget(id);
                }
                len
            }
            Err(reason) => {
                self.end_link(now, id, reason, false);
                0
            }
        }
    }

    fn fill(&mut self, id: LinkId, buf: &mut [u8]) -> Result<usize, CloseReason> {
        let Some(link) = self.links.get_mut(id) else { return Ok(0) };
        if let Phase::Closing(CloseReason::Version) = link.phase {
            link.phase = Phase::Closed;
            return Ok(link.session.transmit_version(buf));
        }
        if core::mem::take(&mut link.pong)
            && let Some(link) = self.links.furnish(id)
        {
            link.queue.push(&Message::Pong);
        }
        let Some(link) = self.links.get_mut(id) else { return Ok(0) };
        let greeting = link.session.transmit_handshake(buf)?;
        let Some(mut writer) = link.session.writer(&mut buf[greeting..]) else {
            return Ok(greeting);
        };
        let written = writer.write_stream(link.queue.pending());
        link.queue.advance(written);
        if let Phase::Closing(reason) = link.phase
            && link.queue.len() == 0
            && writer.push(&Message::Close(reason)).is_ok()
        {
            link.phase = Phase::Closed;
        }
        Ok(greeting + writer.finish()?)
    }
}
