use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::process::ExitCode;

use breeze_core::id::UserId;
use breeze_core::noise::Identity;
use smol::future;

use super::access::{Access, Found};
use super::role::Role;
use crate::error::Error;
use crate::ndjson::{Command, Event, Reference};
use crate::node::Attached;
use crate::store::{Change, Contact, Store};
use crate::text::printable_name;

/// What the answers to the commands are marked with, on this connection alone.
const REFERENCE: &str = "verify";
/// Bytes of an answer at the terminal that are looked at.
const MAX_ANSWER: u64 = 64;

/// Is what is known of a user's key, as fingerprints.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Card {
    name: String,
    fingerprint: String,
    /// That of a key that nobody has accepted.
    new: Option<String>,
    verified: bool,
}

impl Card {
    fn of(contact: &Contact) -> Self {
        Self {
            name: contact.name.clone(),
            fingerprint: contact.key.fingerprint().to_string(),
            new: contact.found.map(|key| key.fingerprint().to_string()),
            verified: contact.verified,
        }
    }
}

/// What is to be done about a user's key.
#[derive(Debug)]
enum Request<'r> {
    Look,
    Verify(&'r str),
}

/// Shows the fingerprints that two people compare, asks whether they match, and if so has the user
/// marked as verified. `accept` takes a changed key, `yes` asks nobody.
pub(crate) fn run(
    mut access: Access,
    user: UserId,
    accept: bool,
    yes: bool,
) -> Result<ExitCode, Error> {
    access.settings.remember(&access.global)?;
    let own = access.settings.user.clone().ok_or(Error::NoUser)?;
    if user == own {
        return Err(Error::NotVerified("this is your own user; name the other one".into()));
    }
    let identity = Identity::from_secret(*access.home.identity_key()?);
    let own_fingerprint = identity.public().fingerprint().to_string();
    let card = ask(&access, &user, &Request::Look)?;
    let current = card.new.as_ref().unwrap_or(&card.fingerprint);
    print(&introduction(&user, &card))?;
    print(&safety_text((&own, &own_fingerprint), (&user, current)))?;
    if card.new.is_none() && card.verified {
        print(&format!("\n{user} is verified.\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    if card.new.is_some() && !accept {
        return Err(Error::NotVerified(format!(
            "the key has changed. If {user} says that the new one is right, run \
             'breeze verify {user} --accept'; if not, somebody poses as {user}"
        )));
    }
    if !yes && !agrees()? {
        return Err(Error::NotVerified(format!(
            "if the fingerprints differ, somebody may be between you and {user}, or poses as {user}"
        )));
    }
    // Whoever was asked may have taken long: it counts only if the key is still the same.
    ask(&access, &user, &Request::Verify(current))?;
    print(&format!("\n{user} is verified now.\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Says what is known of a user's key.
fn introduction(user: &UserId, card: &Card) -> String {
    let name = printable_name(&card.name);
    let person = match name.is_empty() || name == user.as_str() {
        true => user.to_string(),
        false => format!("{name} ({user})"),
    };
    match &card.new {
        Some(new) => format!(
            "WARNING: the key of {person} has changed, and nothing is sent until you accept it.\n\
             \x20 verified so far  {}\n\
             \x20 now              {new}\n\n\
             Ask {user} on another way, face to face or on the phone. Read these lines to each other;\n\
             they must be the same on both sides:\n",
            card.fingerprint
        ),
        None => format!(
            "Read these lines to {person}, face to face or on the phone. They must be the same on\n\
             both sides:\n"
        ),
    }
}

/// Writes what two people compare: the same text on both sides, in order of their user ids.
fn safety_text(one: (&UserId, &str), other: (&UserId, &str)) -> String {
    let mut both = [one, other];
    both.sort();
    let width = both.iter().map(|(user, _)| user.as_str().len()).max().unwrap_or(0);
    both.map(|(user, key)| format!("\n  {:width$}  {key}", user.as_str())).concat() + "\n"
}

/// Asks whoever sits at the terminal.
fn agrees() -> Result<bool, Error> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Err(Error::NotVerified(
            "standard input is no terminal to ask at; compare the fingerprints, then run this \
             again with --yes"
                .into(),
        ));
    }
    print("\ndo they match? [y/N] ")?;
    let mut answer = Vec::new();
    stdin.lock().take(MAX_ANSWER).read_until(b'\n', &mut answer)?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &[u8]) -> bool {
    let answer = answer.trim_ascii();
    answer.eq_ignore_ascii_case(b"y") || answer.eq_ignore_ascii_case(b"yes")
}

/// Looks a user up, or has it marked as verified: at the node that runs, or on the disk. Neither is
/// held while people compare.
fn ask(access: &Access, user: &UserId, request: &Request<'_>) -> Result<Card, Error> {
    future::block_on(async {
        match access.find(Role::Visitor).await? {
            Found::Node(attached) => ask_node(&attached, user, request).await,
            // The lock keeps everybody else away from the store.
            Found::Lock(_lock) => ask_store(&Store::open(&access.home.store())?, user, request),
        }
    })
}

async fn ask_node(
    attached: &Attached,
    user: &UserId,
    request: &Request<'_>,
) -> Result<Card, Error> {
    let (user, reference) = (user.clone(), Some(Reference::Text(REFERENCE.into())));
    attached
        .command(match request {
            Request::Look => Command::Contact { user: user.clone(), reference },
            Request::Verify(fingerprint) => {
                let fingerprint = (*fingerprint).to_owned();
                Command::Verify { user: user.clone(), fingerprint, reference }
            }
        })
        .await;
    while let Some(event) = attached.next_event().await {
        if let Event::Contact { reference, name, fingerprint, new, verified, .. } = &*event
            && is_ours(reference.as_ref())
        {
            return Ok(Card {
                name: name.to_string(),
                fingerprint: fingerprint.to_string(),
                new: new.as_ref().map(ToString::to_string),
                verified: *verified,
            });
        }
        if let Event::Error { code, message, reference } = &*event
            && is_ours(reference.as_ref())
        {
            return Err(match &**code {
                "unknown_contact" => Error::UnknownContact { user },
                _ => Error::NotVerified(message.to_string()),
            });
        }
    }
    Err(attached.ended())
}

fn ask_store(store: &Store, user: &UserId, request: &Request<'_>) -> Result<Card, Error> {
    let known = store.contact(user)?.ok_or_else(|| Error::UnknownContact { user: user.clone() })?;
    let known = match request {
        Request::Look => known,
        Request::Verify(fingerprint) => {
            let verified = known.verified_by(fingerprint).ok_or_else(|| {
                Error::NotVerified(format!("the key of {user} has just changed; compare again"))
            })?;
            store.apply(&[Change::Contact { user: user.clone(), contact: verified.clone() }])?;
            verified
        }
    };
    Ok(Card::of(&known))
}

fn is_ours(reference: Option<&Reference>) -> bool {
    matches!(reference, Some(Reference::Text(text)) if text == REFERENCE)
}

fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use breeze_core::id::PublicKey;

    use super::*;

    const OLD: PublicKey = PublicKey::from_bytes([1; 32]);
    const NEW: PublicKey = PublicKey::from_bytes([2; 32]);

    fn user(name: &str) -> UserId {
        UserId::new(name).expect("user")
    }

    fn text(key: PublicKey) -> String {
        key.fingerprint().to_string()
    }

    #[test]
    fn both_sides_read_the_same_text() {
        let (al, bobby) = (user("al"), user("bobby"));
        let mine = safety_text((&al, "1111"), (&bobby, "2222"));
        assert_eq!(mine, "\n  al     1111\n  bobby  2222\n");
        assert_eq!(safety_text((&bobby, "2222"), (&al, "1111")), mine);
    }

    #[test]
    fn a_changed_key_is_shown_with_the_old_one() {
        let met = Contact::met(OLD, "Bob\x1b[2J");
        let shown = introduction(&user("bob"), &Card::of(&met));
        assert!(shown.contains("Bob[2J (bob)") && !shown.contains("WARNING"), "{shown}");
        let changed = Contact { verified: true, found: Some(NEW), ..met };
        let shown = introduction(&user("bob"), &Card::of(&changed));
        for part in ["WARNING: the key of Bob[2J (bob) has changed", &text(OLD), &text(NEW)] {
            assert!(shown.contains(part), "{shown}");
        }
    }

    #[test]
    fn only_yes_is_yes() {
        for (answer, yes) in [
            ("y\n", true),
            (" YES \r\n", true),
            ("", false),
            ("\n", false),
            ("n\n", false),
            ("yo", false),
        ] {
            assert_eq!(is_yes(answer.as_bytes()), yes, "{answer:?}");
        }
    }

    #[test]
    fn the_store_marks_the_current_key_alone() {
        let dir = tempfile::tempdir().expect("dir");
        let store = Store::open(&dir.path().join("node.redb")).expect("store");
        let bob = user("bob");
        let look = |store| ask_store(store, &bob, &Request::Look);
        assert!(matches!(look(&store), Err(Error::UnknownContact { .. })));
        let contact = Contact { verified: true, found: Some(NEW), ..Contact::met(OLD, "Bob") };
        store.apply(&[Change::Contact { user: bob.clone(), contact }]).expect("apply");
        let card = look(&store).expect("card");
        assert_eq!((card.fingerprint, card.new), (text(OLD), Some(text(NEW))));
        let refused = ask_store(&store, &bob, &Request::Verify(&text(OLD)));
        assert!(matches!(refused, Err(Error::NotVerified(_))));
        let card = ask_store(&store, &bob, &Request::Verify(&text(NEW))).expect("verified");
        assert_eq!((card.fingerprint.as_str(), card.new, card.verified), (&*text(NEW), None, true));
        assert_eq!(look(&store).expect("card").fingerprint, text(NEW));
    }
}
