use std::process::ExitCode;
use std::time::Duration;

use breeze_server::driver::within;

use crate::commands::access::Access;
use crate::commands::output::Output;
use crate::commands::role::Role;
use crate::commands::run::run as run_session;
use crate::commands::session::Session;
use crate::error::Error;
use crate::ndjson::{Command, Event, Reference};
use crate::text::printable_name;

/// How long the node may take to end a transfer: no more is needed for it than its disk.
const LIMIT: Duration = Duration::from_secs(20);

/// Says how a transfer is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// What is offered is not wanted.
    Reject,
    /// It is given up, by either side.
    Cancel,
}

/// Ends a transfer.
pub(crate) fn end(access: Access, transfer: String, ending: Ending) -> Result<ExitCode, Error> {
    let user = async |session: &Session| {
        let mark = Some(Reference::Number(1.into()));
        let reference = mark.clone();
        let command = match ending {
            Ending::Reject => Command::Reject { transfer, reference },
            Ending::Cancel => Command::Cancel { transfer, reference },
        };
        session.command(command).await;
        let line = match within(LIMIT, answer(session, ending, mark.as_ref())).await {
            Some(line) => line?,
            None => return Err(Error::NoAnswer("the node does not answer; try again".into())),
        };
        Output::open().write(&line).await?;
        Ok(ExitCode::SUCCESS)
    };
    run_session(access, Role::Visitor, user, async |_| Ok(()))
}

async fn answer(
    session: &Session,
    ending: Ending,
    mark: Option<&Reference>,
) -> Result<String, Error> {
    loop {
        let Some(event) = session.next_event().await else { return Err(session.ended()) };
        if let Some(answer) = told(&event, ending, mark) {
            return answer;
        }
    }
}

/// Returns what came of it, if an event says so.
fn told(
    event: &Event<'_>,
    ending: Ending,
    mark: Option<&Reference>,
) -> Option<Result<String, Error>> {
    match event {
        Event::FileFailed { reference, name, from, to, .. } if reference.as_ref() == mark => {
            let name = printable_name(name);
            let way = match (from, to) {
                (Some(from), _) => format!(" from {from}"),
                (None, Some(to)) => format!(" to {to}"),
                (None, None) => String::new(),
            };
            let verb = match ending {
                Ending::Reject => "rejected",
                Ending::Cancel => "cancelled",
            };
            Some(Ok(format!("{verb} {name}{way}\n")))
        }
        Event::Error { reference, message, .. } if reference.as_ref() == mark => {
            Some(Err(Error::Files(message.to_string())))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use breeze_core::id::UserId;

    use super::*;

    #[test]
    fn only_the_own_answer_counts() {
        let mark = |number: u64| Some(Reference::Number(number.into()));
        let failed = |reference| Event::FileFailed {
            transfer: "3f9a00112233445a".into(),
            reference,
            from: UserId::new("bob").ok(),
            to: None,
            name: "a\u{1b}.txt".into(),
            reason: "rejected".into(),
            message: "m".into(),
        };
        let error = |reference| Event::Error {
            code: "unknown_transfer".into(),
            message: "no transfer begins with 3f".into(),
            reference,
        };
        let own = mark(1);
        let told = |event: &Event<'_>| told(event, Ending::Reject, own.as_ref());
        for event in [failed(None), failed(mark(2)), error(None)] {
            assert!(told(&event).is_none());
        }
        let line = told(&failed(mark(1))).expect("an answer").expect("rejected");
        assert_eq!(line, "rejected a.txt from bob\n");
        let refusal = told(&error(mark(1))).expect("an answer").expect_err("refused");
        assert_eq!(refusal.to_string(), "no transfer begins with 3f");
    }
}
