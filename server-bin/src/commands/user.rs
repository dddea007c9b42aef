use super::new_ticket::NewTicket;
use super::{ask, print, show};
use crate::admin::{Done, Request};
use crate::cli::{ListArgs, NameArgs, NewSecretArgs, QuotaArgs, UserCommand};
use crate::data_dir::DataDir;
use crate::error::Error;

/// Does what one asks for with accounts.
pub(crate) fn user(command: UserCommand) -> Result<(), Error> {
    match command {
        UserCommand::Add(args) => add(args),
        UserCommand::List(args) => list(args),
        UserCommand::Remove(args) => remove(args),
        UserCommand::ResetKey(args) => reset_key(args),
        UserCommand::Quota(args) => quota(args),
    }
}

fn add(args: NewSecretArgs) -> Result<(), Error> {
    let ticket = NewTicket::make(args.password_stdin)?;
    // A first user may come before the first run of the server.
    let data = DataDir::open_or_note(args.user.data.data)?;
    let user = args.user.name;
    ask(&data, Request::UserAdd { user: user.clone(), secret: ticket.secret()? })?;
    print(&ticket.instructions(&format!("user {user} is added"), &user))
}

fn reset_key(args: NewSecretArgs) -> Result<(), Error> {
    let ticket = NewTicket::make(args.password_stdin)?;
    let data = DataDir::find(args.user.data.data)?;
    let user = args.user.name;
    let request = Request::UserResetKey { user: user.clone(), secret: ticket.secret()? };
    let gone = given_up(&ask(&data, request)?);
    print(&ticket.instructions(&format!("the key of user {user} is forgotten{gone}"), &user))
}

fn remove(args: NameArgs) -> Result<(), Error> {
    let data = DataDir::find(args.data.data)?;
    let user = args.name;
    let gone = given_up(&ask(&data, Request::UserRemove { user: user.clone() })?);
    print(&format!("user {user} is removed{gone}\n"))
}

fn list(args: ListArgs) -> Result<(), Error> {
    let data = DataDir::find(args.data.data)?;
    match ask(&data, Request::UserList)? {
        Done::Users(users) if args.json => print(&show::lines(&users)),
        Done::Users(users) => print(&show::table(&users)),
        Done::Added | Done::Removed { .. } | Done::Quota { .. } | Done::Backup { .. } => {
            Err(Error::OtherVersion)
        }
    }
}

fn quota(args: QuotaArgs) -> Result<(), Error> {
    let data = DataDir::find(args.user.data.data)?;
    let (user, messages, bytes) = (args.user.name, args.messages, args.bytes);
    match ask(&data, Request::UserQuota { user: user.clone(), messages, bytes })? {
        Done::Quota { messages, bytes } => {
            print(&format!("{user}: {}\n", show::quota(messages, bytes)))
        }
        Done::Added | Done::Removed { .. } | Done::Users(_) | Done::Backup { .. } => {
            Err(Error::OtherVersion)
        }
    }
}

/// Tells of messages that went with a user, or with its key.
fn given_up(done: &Done) -> String {
    match done {
        Done::Removed { given_up: 0 }
        | Done::Added
        | Done::Users(_)
        | Done::Quota { .. }
        | Done::Backup { .. } => String::new(),
        Done::Removed { given_up: 1 } => {
            ", and with it messages that were kept, of one conversation".to_owned()
        }
        Done::Removed { given_up } => {
            format!(", and with it messages that were kept, of {given_up} conversations")
        }
    }
}
